-- A cursor is read in small steps, left alone while others write, and read on:
-- it goes on where it stood, with the rows its snapshot sees, each once.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, v vector(2));
INSERT INTO labs SELECT i, ARRAY[i % 40, i / 40]::real[]::vector FROM generate_series(0, 1599) i;
CREATE INDEX labs_v ON labs USING :am (v);
SET enable_seqscan = off;
SET enable_sort = off;
SET vectormed.target_recall = 1;
BEGIN;
DECLARE nearest CURSOR FOR SELECT v <-> '[3.25,7.5]' AS d FROM labs ORDER BY v <-> '[3.25,7.5]';
FETCH 3 FROM nearest;
-- these are nearer than anything, and not in the cursor's snapshot
INSERT INTO labs SELECT 5000 + i, '[3.25,7.5]' FROM generate_series(1, 500) i;
DELETE FROM labs WHERE id % 3 = 0;
FETCH 3 FROM nearest;
MOVE 1000 FROM nearest;
FETCH 2 FROM nearest;
MOVE FORWARD ALL FROM nearest;
FETCH 1 FROM nearest;
CLOSE nearest;
-- a cursor WITH HOLD and one that scrolls keep what they have read
DECLARE scrolling SCROLL CURSOR FOR SELECT v <-> '[0,0]' AS d FROM labs ORDER BY v <-> '[0,0]';
FETCH 4 FROM scrolling;
FETCH BACKWARD 2 FROM scrolling;
FETCH 3 FROM scrolling;
DECLARE held CURSOR WITH HOLD FOR SELECT v <-> '[39,39]' AS d FROM labs ORDER BY v <-> '[39,39]' LIMIT 5;
FETCH 1 FROM held;
COMMIT;
FETCH 5 FROM held;
CLOSE held;
-- two cursors over one index do not disturb each other
BEGIN;
DECLARE low CURSOR FOR SELECT v <-> '[0,0]' AS d FROM labs ORDER BY v <-> '[0,0]';
DECLARE high CURSOR FOR SELECT v <-> '[100,100]' AS d FROM labs ORDER BY v <-> '[100,100]';
FETCH 2 FROM low;
FETCH 2 FROM high;
FETCH 2 FROM low;
FETCH 2 FROM high;
COMMIT;
DROP TABLE labs;
