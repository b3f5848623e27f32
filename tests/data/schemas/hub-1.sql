-- A hub's store of before true times, with some of everything in it.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'ledger','create','2026-11-21 15:02:52.928001+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'orders','create','2026-11-21 15:02:52.931715+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'audit','create','2026-11-21 15:02:52.936034+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'ratings','create','2026-11-21 15:02:52.939408+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'queue','create','2026-11-21 15:02:52.940775+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'bulletins','create','2026-11-21 15:02:52.948438+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'clips','create','2026-11-21 15:02:52.951747+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'fleet','create','2026-11-21 15:02:52.953916+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'staff','create','2026-11-21 15:02:52.957207+00:00');
CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
        ) STRICT;
CREATE TABLE bulletins (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, places TEXT NOT NULL,
            at_ms INTEGER, emergency INTEGER NOT NULL, state TEXT NOT NULL,
            written_by TEXT NOT NULL, written_at_ms INTEGER NOT NULL,
            approved_by TEXT, approved_at_ms INTEGER
        ) STRICT;
INSERT INTO "bulletins" VALUES('b1','Bão','Bão đến','["thon-dong"]',1789966800000,1,'approved','a',1,'b',2);
CREATE TABLE clips (
            sha256 TEXT PRIMARY KEY, device TEXT NOT NULL, counter TEXT NOT NULL, size_bytes INTEGER NOT NULL,
            started_at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL
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
            understood INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch, seq)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('hub','queue','12606bd1f51e4d00',1,'ticket.called','2026-09-21T05:00:00.000Z','{"ticket":"sanh-pi-2026-09-21-A001","number":"A001","counter":"quay-1","officer":"can-bo"}',1789966800000,0,'hub',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('hub','queue','12606bd1f51e4d00',2,'ticket.ended','2026-09-21T05:00:00.000Z','{"ticket":"sanh-pi-2026-09-21-A001","counter":"quay-1","officer":"can-bo"}',1789966800000,0,'hub',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',1,'playback.started','2026-09-21T05:00:00.030Z','{"bulletin":"b1","due_at_ms":1789966800000,"started_at_ms":1789966800000}',1789966800030,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',2,'playback.finished','2026-09-21T05:00:00.040Z','{"bulletin":"b1","started_at_ms":1789966800000,"duration_ms":9000,"underruns":0,"completeness":0.5}',1789966800040,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('loa-1','speaker','0123456789abcdef',3,'kettle.boiled','2026-09-21T05:00:00.050Z','{"cups":3}',1789966800050,1,'boot',1,'2026-09-21T05:00:00.000Z',0);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',1,'rating.pressed','2026-09-21T05:00:00.001Z','{"counter":"quay-1","scale":"vi4","level":1,"source":"button","ticket":null,"officer":"can-bo"}',1789966800001,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',2,'rating.pressed','2026-09-21T05:00:00.002Z','{"counter":"quay-1","scale":"vi4","level":2,"source":"button","ticket":null,"officer":"can-bo"}',1789966800002,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',3,'rating.pressed','2026-09-21T05:00:00.003Z','{"counter":"quay-1","scale":"vi4","level":3,"source":"button","ticket":null,"officer":"can-bo"}',1789966800003,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('sanh-pi','ticket','0123456789abcdef',1,'ticket.issued','2026-09-21T05:00:00.010Z','{"ticket":"sanh-pi-2026-09-21-A001","number":"A001","field":"ho-tich","day":"2026-09-21","printed":true}',1789966800010,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
INSERT INTO "facts" VALUES('sanh-pi','ticket','0123456789abcdef',2,'ticket.issued','2026-09-21T05:00:00.020Z','{"ticket":"sanh-pi-2026-09-21-A002","number":"A002","field":"ho-tich","day":"2026-09-21","printed":true}',1789966800020,1,'boot',1,'2026-09-21T05:00:00.000Z',1);
CREATE TABLE health (
            device TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, cpu_celsius REAL, disk_free_mb INTEGER NOT NULL,
            memory_free_mb INTEGER NOT NULL, uptime_s INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE lost (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, noted_at TEXT NOT NULL
        ) STRICT;
CREATE TABLE own_epoch (epoch TEXT NOT NULL) STRICT;
INSERT INTO "own_epoch" VALUES('12606bd1f51e4d00');
CREATE TABLE playbacks (
            bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, outcome TEXT NOT NULL,
            reason TEXT NOT NULL, started_at_ms INTEGER, duration_ms INTEGER, told_at_ms INTEGER NOT NULL,
            PRIMARY KEY (bulletin, device, node)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "playbacks" VALUES('b1','loa-1','speaker','finished','',1789966800000,9000,1789966800040);
CREATE TABLE presses (
            at_ms INTEGER NOT NULL, counter TEXT NOT NULL, scale TEXT NOT NULL, level INTEGER NOT NULL,
            ticket TEXT, officer TEXT
        ) STRICT;
INSERT INTO "presses" VALUES(1789966800001,'quay-1','vi4',1,NULL,'can-bo');
INSERT INTO "presses" VALUES(1789966800002,'quay-1','vi4',2,NULL,'can-bo');
INSERT INTO "presses" VALUES(1789966800003,'quay-1','vi4',3,NULL,'can-bo');
CREATE TABLE refusals (
            refused_by TEXT NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
            last_at_ms INTEGER NOT NULL, last_topic TEXT NOT NULL, last_detail TEXT NOT NULL,
            PRIMARY KEY (refused_by, device, reason)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES staff,
            expires_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE signs (
            device TEXT NOT NULL, node TEXT NOT NULL, session INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL,
            PRIMARY KEY (device, node)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE staff (
            account TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, password_hash TEXT NOT NULL,
            active INTEGER NOT NULL, failures INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
INSERT INTO "staff" VALUES('can-bo','Cán bộ','officer','x',1,2,0);
CREATE TABLE streams (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, committed INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "streams" VALUES('hub','queue','12606bd1f51e4d00',2);
INSERT INTO "streams" VALUES('loa-1','speaker','0123456789abcdef',3);
INSERT INTO "streams" VALUES('quay-1-pi','rating','0123456789abcdef',3);
INSERT INTO "streams" VALUES('sanh-pi','ticket','0123456789abcdef',2);
CREATE TABLE tickets (
            ticket TEXT PRIMARY KEY, number TEXT NOT NULL, field TEXT NOT NULL, day TEXT NOT NULL,
            issued_at_ms INTEGER NOT NULL, state TEXT NOT NULL,
            counter TEXT, officer TEXT, called_at_ms INTEGER, ended_at_ms INTEGER
        ) STRICT;
INSERT INTO "tickets" VALUES('sanh-pi-2026-09-21-A001','A001','ho-tich','2026-09-21',1789966800010,'ended','quay-1','can-bo',1789966800000,1789966800000);
INSERT INTO "tickets" VALUES('sanh-pi-2026-09-21-A002','A002','ho-tich','2026-09-21',1789966800020,'waiting',NULL,NULL,NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX facts_by_kind ON facts (kind, at_ms);
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts
            BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE INDEX presses_by_time ON presses (at_ms);
CREATE INDEX tickets_by_day ON tickets (day, state, issued_at_ms);
CREATE INDEX bulletins_by_time ON bulletins (state, at_ms);
CREATE INDEX clips_by_time ON clips (started_at_ms);
CREATE INDEX deaths_by_time ON deaths (at_ms);
DELETE FROM "sqlite_sequence";
COMMIT;
