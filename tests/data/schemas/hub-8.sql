-- Brought forward from hub-7.sql.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'ledger','create','2026-11-21 15:03:04.481096+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'ledger','find_what_is_not_understood','2026-11-21 15:03:04.481311+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'true_time','create','2026-11-21 15:03:04.482237+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'true_time','time_anew_in_slices','2026-11-21 15:03:04.482409+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'orders','create','2026-11-21 15:03:04.482952+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'audit','create','2026-11-21 15:03:04.483603+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'ratings','create','2026-11-21 15:03:04.484034+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'ratings','know_each_press','2026-11-21 15:03:04.485232+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'ratings','one_vote_a_slip','2026-11-21 15:03:04.485366+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'queue','create','2026-11-21 15:03:04.485901+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'queue','fold_visits','2026-11-21 15:03:04.489508+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'bulletins','create','2026-11-21 15:03:04.490583+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'bulletins','let_them_differ_in_how_they_sound','2026-11-21 15:03:04.492172+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'playbacks','create','2026-11-21 15:03:04.493495+00:00');
INSERT INTO "_sqlite_migrations" VALUES(15,'playbacks','keep_the_proof','2026-11-21 15:03:04.496535+00:00');
INSERT INTO "_sqlite_migrations" VALUES(16,'loudspeakers','create','2026-11-21 15:03:04.498200+00:00');
INSERT INTO "_sqlite_migrations" VALUES(17,'clips','create','2026-11-21 15:03:04.498731+00:00');
INSERT INTO "_sqlite_migrations" VALUES(18,'fleet','create','2026-11-21 15:03:04.499822+00:00');
INSERT INTO "_sqlite_migrations" VALUES(19,'staff','create','2026-11-21 15:03:04.500474+00:00');
INSERT INTO "_sqlite_migrations" VALUES(20,'staff','wait_by_place','2026-11-21 15:03:04.503407+00:00');
INSERT INTO "_sqlite_migrations" VALUES(21,'accounts','create','2026-11-21 15:03:04.504156+00:00');
INSERT INTO "_sqlite_migrations" VALUES(22,'uptime','create','2026-11-21 15:03:04.504961+00:00');
INSERT INTO "_sqlite_migrations" VALUES(23,'alerts','create','2026-11-21 15:03:04.505566+00:00');
INSERT INTO "_sqlite_migrations" VALUES(24,'closed_reports','create','2026-11-21 15:03:04.506443+00:00');
INSERT INTO "_sqlite_migrations" VALUES(25,'notices','create','2026-11-21 15:03:04.507582+00:00');
INSERT INTO "_sqlite_migrations" VALUES(26,'live','create','2026-11-21 15:03:04.508293+00:00');
INSERT INTO "_sqlite_migrations" VALUES(27,'ratings','know_the_panels_scale','2026-11-21 15:03:07.524958+00:00');
INSERT INTO "_sqlite_migrations" VALUES(28,'ratings','know_whose_buttons','2026-11-21 15:45:57.064715+00:00');
INSERT INTO "_sqlite_migrations" VALUES(29,'ledger','checksum_each_fact','2026-11-21 19:52:30.768750+00:00');
INSERT INTO "_sqlite_migrations" VALUES(30,'bulletins','keep_what_was_approved','2026-11-21 19:52:30.771007+00:00');
INSERT INTO "_sqlite_migrations" VALUES(31,'whereabouts','create','2026-11-21 20:36:24.521015+00:00');
CREATE TABLE alerts (
            kind TEXT NOT NULL, place TEXT NOT NULL, began_at_ms INTEGER NOT NULL,
            held_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, text TEXT NOT NULL
        ) STRICT;
CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
        ) STRICT;
CREATE TABLE boot_order (
            device TEXT NOT NULL, earlier TEXT NOT NULL, later TEXT NOT NULL, last_mono_ms INTEGER NOT NULL,
            PRIMARY KEY (device, earlier, later)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE boots (
            device TEXT NOT NULL, boot TEXT NOT NULL, known TEXT NOT NULL,
            PRIMARY KEY (device, boot)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "boots" VALUES('loa-1','boot','{"anchors":[{"mono_ms":1,"at_ms":1789966800050}],"after_ms":1751302800000,"before":null}');
INSERT INTO "boots" VALUES('quay-1-pi','boot','{"anchors":[{"mono_ms":1,"at_ms":1789966800003}],"after_ms":1751302800000,"before":null}');
INSERT INTO "boots" VALUES('sanh-pi','boot','{"anchors":[{"mono_ms":1,"at_ms":1789966800020}],"after_ms":1751302800000,"before":null}');
CREATE TABLE bulletins (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, places TEXT NOT NULL,
            at_ms INTEGER, state TEXT NOT NULL,
            written_by TEXT NOT NULL, written_at_ms INTEGER NOT NULL,
            approved_by TEXT, approved_at_ms INTEGER
        , how TEXT NOT NULL DEFAULT '{}', approved_as TEXT) STRICT;
INSERT INTO "bulletins" VALUES('b1','Bão','Bão đến','["thon-dong"]',1789966800000,'approved','a',1,'b',2,'{"priority":"emergency"}',NULL);
CREATE TABLE button_faults (
            device TEXT NOT NULL, counter TEXT NOT NULL, level INTEGER NOT NULL, fault TEXT NOT NULL,
            failed_at_ms INTEGER NOT NULL, recovered_at_ms INTEGER, edges_left_out INTEGER
        , node TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE caught_up (done INTEGER NOT NULL) STRICT;
INSERT INTO "caught_up" VALUES(1);
CREATE TABLE clips (
            sha256 TEXT PRIMARY KEY, device TEXT NOT NULL, counter TEXT NOT NULL, size_bytes INTEGER NOT NULL,
            started_at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE closed_days (day TEXT PRIMARY KEY, closed_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closed_reports (
            kind TEXT NOT NULL, period TEXT NOT NULL, begins INTEGER NOT NULL, edition INTEGER NOT NULL,
            closed_at_ms INTEGER NOT NULL, closed_by TEXT NOT NULL, canonical TEXT NOT NULL,
            sha256 TEXT NOT NULL, seal BLOB NOT NULL,
            PRIMARY KEY (kind, period, begins, edition)
        ) STRICT;
CREATE TABLE closings (
            day TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            committed INTEGER NOT NULL,
            PRIMARY KEY (day, device, node, epoch)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE counted (
            day TEXT NOT NULL, device TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (day, device, what)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE deaths (
            device TEXT NOT NULL, node TEXT NOT NULL, at_ms INTEGER NOT NULL, error TEXT NOT NULL
        ) STRICT;
CREATE TABLE documents (
            device TEXT NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
            said TEXT NOT NULL, renew_at_ms INTEGER NOT NULL, sealed TEXT NOT NULL,
            PRIMARY KEY (device, node, name)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE facts (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
            kind TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
            at_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot TEXT NOT NULL, synced INTEGER NOT NULL,
            received_at TEXT NOT NULL,
            understood INTEGER NOT NULL, crc INTEGER,
            PRIMARY KEY (device, node, epoch, seq)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('hub','queue','8ca544e90da0873c',1,'ticket.called','2026-09-21T05:00:00.000Z','{"ticket":"sanh-pi-2026-09-21-A001","counter":"quay-1","officer":"can-bo","by":"console","number":"A001","why":""}',1789966800000,0,'hub',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('hub','queue','8ca544e90da0873c',2,'ticket.ended','2026-09-21T05:00:00.000Z','{"ticket":"sanh-pi-2026-09-21-A001","counter":"quay-1","officer":"can-bo","by":"console"}',1789966800000,0,'hub',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',1,'playback.started','2026-09-21T05:00:00.030Z','{"bulletin":"b1","due_at_ms":1789966800000,"started_at_ms":1789966800000}',1789966800030,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',2,'playback.finished','2026-09-21T05:00:00.040Z','{"bulletin":"b1","started_at_ms":1789966800000,"duration_ms":9000,"underruns":0,"completeness":0.5}',1789966800040,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',3,'kettle.boiled','2026-09-21T05:00:00.050Z','{"cups":3}',1789966800050,1,'boot',1,'2026-09-21T05:00:00.000Z',0,NULL);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',1,'rating.pressed','2026-09-21T05:00:00.001Z','{"counter":"quay-1","scale":"vi4","level":1,"source":"button","ticket":null,"officer":"can-bo"}',1789966800001,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',2,'rating.pressed','2026-09-21T05:00:00.002Z','{"counter":"quay-1","scale":"vi4","level":2,"source":"button","ticket":null,"officer":"can-bo"}',1789966800002,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',3,'rating.pressed','2026-09-21T05:00:00.003Z','{"counter":"quay-1","scale":"vi4","level":3,"source":"button","ticket":null,"officer":"can-bo"}',1789966800003,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('sanh-pi','ticket','0123456789abcdef',1,'ticket.issued','2026-09-21T05:00:00.010Z','{"ticket":"sanh-pi-2026-09-21-A001","number":"A001","field":"ho-tich","day":"2026-09-21","printed":true}',1789966800010,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
INSERT INTO "facts" VALUES('sanh-pi','ticket','0123456789abcdef',2,'ticket.issued','2026-09-21T05:00:00.020Z','{"ticket":"sanh-pi-2026-09-21-A002","number":"A002","field":"ho-tich","day":"2026-09-21","printed":true}',1789966800020,1,'boot',1,'2026-09-21T05:00:00.000Z',1,NULL);
CREATE TABLE health (
            device TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, cpu_celsius REAL, disk_free_mb INTEGER NOT NULL,
            memory_free_mb INTEGER NOT NULL, uptime_s INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE heard_hours (
            device TEXT NOT NULL, hour INTEGER NOT NULL, samples INTEGER NOT NULL,
            PRIMARY KEY (device, hour)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE live_speeches (
            sounding TEXT PRIMARY KEY, bulletin TEXT NOT NULL, account TEXT NOT NULL,
            began_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, ended_by TEXT NOT NULL DEFAULT '',
            sha256 TEXT NOT NULL DEFAULT '', size_bytes INTEGER NOT NULL DEFAULT 0,
            duration_ms INTEGER NOT NULL DEFAULT 0
        ) STRICT;
CREATE TABLE lost (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, noted_at TEXT NOT NULL
        ) STRICT;
CREATE TABLE notices (
            id TEXT PRIMARY KEY, place INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
            lines TEXT NOT NULL, picture TEXT NOT NULL, from_ms INTEGER, until_ms INTEGER,
            state TEXT NOT NULL, was TEXT NOT NULL, replaces TEXT NOT NULL,
            written_by TEXT NOT NULL, written_at_ms INTEGER NOT NULL,
            approved_by TEXT, approved_at_ms INTEGER, removed_at_ms INTEGER
        ) STRICT, WITHOUT ROWID;
CREATE TABLE notices_seeded (at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE own_epoch (epoch TEXT NOT NULL) STRICT;
INSERT INTO "own_epoch" VALUES('8ca544e90da0873c');
CREATE TABLE panel_scales (counter TEXT PRIMARY KEY, scale TEXT NOT NULL) STRICT;
INSERT INTO "panel_scales" VALUES('quay-1','vi4');
CREATE TABLE presses (
            at_ms INTEGER NOT NULL, counter TEXT NOT NULL, scale TEXT NOT NULL, level INTEGER NOT NULL,
            ticket TEXT, officer TEXT
        , device TEXT NOT NULL DEFAULT '', press TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT 'button', marks TEXT NOT NULL DEFAULT '', counted INTEGER NOT NULL DEFAULT 1, reason TEXT) STRICT;
INSERT INTO "presses" VALUES(1789966800001,'quay-1','vi4',1,NULL,'can-bo','quay-1-pi','','button','',1,NULL);
INSERT INTO "presses" VALUES(1789966800002,'quay-1','vi4',2,NULL,'can-bo','quay-1-pi','','button','',1,NULL);
INSERT INTO "presses" VALUES(1789966800003,'quay-1','vi4',3,NULL,'can-bo','quay-1-pi','','button','',1,NULL);
CREATE TABLE queue_asked (
            id INTEGER PRIMARY KEY,
            ask TEXT NOT NULL UNIQUE, counter TEXT NOT NULL, body TEXT NOT NULL,
            expires_at_ms INTEGER NOT NULL, answer TEXT
        ) STRICT;
CREATE TABLE queue_events (
            id INTEGER PRIMARY KEY,
            ticket TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
            counter TEXT NOT NULL, displaced INTEGER NOT NULL,
            UNIQUE (device, node, epoch, seq, ticket)
        ) STRICT;
INSERT INTO "queue_events" VALUES(1,'sanh-pi-2026-09-21-A001','sanh-pi','ticket','0123456789abcdef',1,1789966800010,'ticket.issued','{"ticket":"sanh-pi-2026-09-21-A001","number":"A001","field":"ho-tich","day":"2026-09-21","printed":true,"lane":"ordinary","code":"","wait_low_min":null,"wait_high_min":null}','',0);
INSERT INTO "queue_events" VALUES(2,'sanh-pi-2026-09-21-A002','sanh-pi','ticket','0123456789abcdef',2,1789966800020,'ticket.issued','{"ticket":"sanh-pi-2026-09-21-A002","number":"A002","field":"ho-tich","day":"2026-09-21","printed":true,"lane":"ordinary","code":"","wait_low_min":null,"wait_high_min":null}','',0);
INSERT INTO "queue_events" VALUES(3,'sanh-pi-2026-09-21-A001','hub','queue','8ca544e90da0873c',1,1789966800000,'ticket.called','{"ticket":"sanh-pi-2026-09-21-A001","counter":"quay-1","officer":"can-bo","by":"console","number":"A001","why":""}','quay-1',0);
INSERT INTO "queue_events" VALUES(4,'sanh-pi-2026-09-21-A001','hub','queue','8ca544e90da0873c',2,1789966800000,'ticket.ended','{"ticket":"sanh-pi-2026-09-21-A001","counter":"quay-1","officer":"can-bo","by":"console"}','quay-1',0);
CREATE TABLE refusals (
            refused_by TEXT NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
            last_at_ms INTEGER NOT NULL, last_topic TEXT NOT NULL, last_detail TEXT NOT NULL,
            PRIMARY KEY (refused_by, device, reason)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE retimings (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, boot TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, boot)
        ) STRICT, WITHOUT ROWID
        ;
CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES staff,
            expires_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE signs (
            device TEXT NOT NULL, node TEXT NOT NULL, session INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL,
            PRIMARY KEY (device, node)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE soundings (
            sounding TEXT NOT NULL, bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL,
            outcome TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, due_at_ms INTEGER,
            started_at_ms INTEGER, duration_ms INTEGER, underruns INTEGER, told_at_ms INTEGER NOT NULL, completeness REAL, level_dbfs REAL, verdict TEXT, fault TEXT, sure REAL, cuts INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (sounding, device, node)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "soundings" VALUES('b1','b1','loa-1','speaker','finished','','',1789966800000,1789966800000,9000,0,1789966800040,0.5,NULL,'','',NULL,0);
CREATE TABLE speaker_events (
            device TEXT NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER,
            by TEXT NOT NULL, verdict TEXT NOT NULL, fault TEXT NOT NULL, level_dbfs REAL, sure REAL,
            detail TEXT NOT NULL
        ) STRICT;
CREATE TABLE speaker_settings (
            device TEXT PRIMARY KEY, told_at_ms INTEGER NOT NULL, settings TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE staff (
            account TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, password_hash TEXT NOT NULL,
            active INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "staff" VALUES('can-bo','Cán bộ','officer','x',1);
CREATE TABLE stays (
            device TEXT NOT NULL, since_ms INTEGER NOT NULL, place TEXT NOT NULL,
            PRIMARY KEY (device, since_ms)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE streams (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, committed INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "streams" VALUES('hub','queue','8ca544e90da0873c',2);
INSERT INTO "streams" VALUES('loa-1','speaker','0123456789abcdef',3);
INSERT INTO "streams" VALUES('quay-1-pi','rating','0123456789abcdef',3);
INSERT INTO "streams" VALUES('sanh-pi','ticket','0123456789abcdef',2);
CREATE TABLE tickets (
            ticket TEXT PRIMARY KEY, number TEXT NOT NULL, field TEXT NOT NULL, day TEXT NOT NULL,
            issued_at_ms INTEGER NOT NULL, state TEXT NOT NULL,
            counter TEXT, officer TEXT, called_at_ms INTEGER, ended_at_ms INTEGER,
            lane TEXT NOT NULL, code TEXT NOT NULL, first_called_at_ms INTEGER, since_ms INTEGER NOT NULL,
            why TEXT NOT NULL, by TEXT NOT NULL, recalls INTEGER NOT NULL, returned_at_ms INTEGER,
            to_counter TEXT, reason TEXT NOT NULL, clashes INTEGER NOT NULL, clash_counter TEXT,
            wait_low_min INTEGER, wait_high_min INTEGER
        ) STRICT;
INSERT INTO "tickets" VALUES('sanh-pi-2026-09-21-A002','A002','ho-tich','2026-09-21',1789966800020,'waiting',NULL,NULL,NULL,NULL,'ordinary','',NULL,1789966800020,'','',0,NULL,NULL,'',0,NULL,NULL,NULL);
INSERT INTO "tickets" VALUES('sanh-pi-2026-09-21-A001','A001','ho-tich','2026-09-21',1789966800010,'ended','quay-1','can-bo',1789966800000,1789966800000,'ordinary','',1789966800000,1789966800000,'','console',0,NULL,NULL,'',0,NULL,NULL,NULL);
CREATE TABLE true_times (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
            at_ms INTEGER NOT NULL, sure TEXT NOT NULL, within_ms INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, seq)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE usual_sources (
            account TEXT NOT NULL REFERENCES staff, source TEXT NOT NULL, last_at_ms INTEGER NOT NULL,
            PRIMARY KEY (account, source)
        ) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX facts_by_kind ON facts (kind, at_ms);
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts
            BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;
CREATE INDEX facts_not_understood ON facts (device, kind) WHERE understood = 0;
CREATE INDEX facts_unsynced ON facts (device, boot) WHERE synced = 0;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE INDEX presses_by_time ON presses (at_ms);
CREATE INDEX presses_by_name ON presses (press, device) WHERE press <> '';
CREATE INDEX button_faults_by_button ON button_faults (device, level, recovered_at_ms);
CREATE UNIQUE INDEX presses_by_slip ON presses (ticket) WHERE source = 'slip' AND device = 'hub';
CREATE INDEX tickets_by_day ON tickets (day, state, issued_at_ms);
CREATE INDEX tickets_by_issue ON tickets (issued_at_ms);
CREATE INDEX tickets_by_number ON tickets (number, day);
CREATE INDEX tickets_by_code ON tickets (code) WHERE code <> '';
CREATE INDEX queue_events_of_ticket ON queue_events (ticket);
CREATE INDEX queue_events_of_counter ON queue_events (counter, kind, at_ms) WHERE counter <> '';
CREATE INDEX queue_calls ON queue_events (at_ms)
            WHERE kind IN ('ticket.called', 'ticket.recalled') AND displaced = 0;
CREATE INDEX queue_asked_at ON queue_asked (counter, id);
CREATE INDEX queue_asked_open ON queue_asked (id) WHERE answer IS NULL;
CREATE INDEX bulletins_by_time ON bulletins (state, at_ms);
CREATE INDEX soundings_by_bulletin ON soundings (bulletin, due_at_ms);
CREATE INDEX soundings_by_due ON soundings (coalesce(due_at_ms, started_at_ms, told_at_ms));
CREATE INDEX speaker_events_by_device ON speaker_events (device, at_ms);
CREATE INDEX clips_by_time ON clips (started_at_ms);
CREATE INDEX deaths_by_time ON deaths (at_ms);
CREATE INDEX alerts_open ON alerts (kind, place) WHERE ended_at_ms IS NULL;
CREATE TRIGGER closed_reports_unchanged BEFORE UPDATE ON closed_reports
            BEGIN SELECT RAISE(ABORT, 'a closed report never changes'); END;
CREATE TRIGGER closed_reports_undeleted BEFORE DELETE ON closed_reports
            BEGIN SELECT RAISE(ABORT, 'a closed report stays'); END;
CREATE INDEX notices_by_place ON notices (state, place);
DELETE FROM "sqlite_sequence";
COMMIT;
