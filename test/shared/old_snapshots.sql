-- test/shared/old_snapshots.sql
-- VACUUM leaves a row that a snapshot may still see, and any session may have one
-- that is older than the DELETE: an autovacuum that analyses a catalog, say.  A
-- test that needs the rows gone waits for those snapshots to end; the ones that
-- begin meanwhile do not matter.

CREATE PROCEDURE pg_temp.outlive_snapshots() LANGUAGE plpgsql AS $$
BEGIN
  -- with an id of our own, the age of those given earlier is above 0
  PERFORM pg_current_xact_id();
  WHILE EXISTS (SELECT FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND (age(backend_xmin) > 0 OR age(backend_xid) > 0)) LOOP
    PERFORM pg_sleep(0.02);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END $$;
