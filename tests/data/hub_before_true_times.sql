-- A hub's store as it was before true times were worked out: three presses, two of them of 1970.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'ledger','create','2026-11-21 09:19:50.536769+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'orders','create','2026-11-21 09:19:50.538147+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'audit','create','2026-11-21 09:19:50.539589+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'ratings','create','2026-11-21 09:19:50.540584+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'queue','create','2026-11-21 09:19:50.541942+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'bulletins','create','2026-11-21 09:19:50.544056+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'clips','create','2026-11-21 09:19:50.545278+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'fleet','create','2026-11-21 09:19:50.547437+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'staff','create','2026-11-21 09:19:50.549084+00:00');
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
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',1,'rating.pressed','1970-01-01T00:00:20.000Z','{"counter":"quay-1","scale":"vi4","level":1,"source":"button","ticket":null,"officer":null}',20000,20000,'boot-1',0,'2026-09-21T04:59:55.000Z',1);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',2,'rating.pressed','1970-01-01T00:00:30.000Z','{"counter":"quay-1","scale":"vi4","level":2,"source":"button","ticket":null,"officer":null}',30000,30000,'boot-1',0,'2026-09-21T04:59:55.000Z',1);
INSERT INTO "facts" VALUES('quay-1-pi','rating','0123456789abcdef',3,'rating.pressed','2026-09-21T04:59:54.000Z','{"counter":"quay-1","scale":"vi4","level":3,"source":"button","ticket":null,"officer":null}',1789966794000,60000,'boot-1',1,'2026-09-21T04:59:55.000Z',1);
CREATE TABLE health (
            device TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, cpu_celsius REAL, disk_free_mb INTEGER NOT NULL,
            memory_free_mb INTEGER NOT NULL, uptime_s INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE lost (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, noted_at TEXT NOT NULL
        ) STRICT;
CREATE TABLE own_epoch (epoch TEXT NOT NULL) STRICT;
INSERT INTO "own_epoch" VALUES('2d24e301857598ff');
CREATE TABLE playbacks (
            bulletin TEXT NOT NULL, device TEXT NOT NULL, node TEXT NOT NULL, outcome TEXT NOT NULL,
            reason TEXT NOT NULL, started_at_ms INTEGER, duration_ms INTEGER, told_at_ms INTEGER NOT NULL,
            PRIMARY KEY (bulletin, device, node)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE presses (
            at_ms INTEGER NOT NULL, counter TEXT NOT NULL, scale TEXT NOT NULL, level INTEGER NOT NULL,
            ticket TEXT, officer TEXT
        ) STRICT;
INSERT INTO "presses" VALUES(20000,'quay-1','vi4',1,NULL,NULL);
INSERT INTO "presses" VALUES(30000,'quay-1','vi4',2,NULL,NULL);
INSERT INTO "presses" VALUES(1789966794000,'quay-1','vi4',3,NULL,NULL);
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
CREATE TABLE streams (
            device TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL, committed INTEGER NOT NULL,
            PRIMARY KEY (device, node, epoch)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "streams" VALUES('quay-1-pi','rating','0123456789abcdef',3);
CREATE TABLE tickets (
            ticket TEXT PRIMARY KEY, number TEXT NOT NULL, field TEXT NOT NULL, day TEXT NOT NULL,
            issued_at_ms INTEGER NOT NULL, state TEXT NOT NULL,
            counter TEXT, officer TEXT, called_at_ms INTEGER, ended_at_ms INTEGER
        ) STRICT;
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
