-- CREATE EXTENSION works for a database owner who is no superuser, into any
-- schema; where a type vector is there already, it says what to do.
CREATE ROLE vm_owner;
CREATE DATABASE vm_owned OWNER vm_owner;
SELECT current_database() AS home \gset
\c vm_owned
SET ROLE vm_owner;
SELECT rolsuper FROM pg_roles WHERE rolname = current_user;
CREATE SCHEMA similarity;
CREATE EXTENSION vectormed SCHEMA similarity;
SELECT n.nspname, e.extowner::regrole FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE extname = 'vectormed';

-- Nothing outside of that schema, and all of it works without search_path.
SELECT '[1,2]'::similarity.vector OPERATOR(similarity.<->) '[4,6]';
SELECT '[1,2]'::similarity.vector OPERATOR(similarity.<<->>) similarity.sphere('[1,2]'::similarity.vector, 0);
SELECT similarity.avg(v) FROM (VALUES ('[1]'::similarity.vector), ('[2]')) AS t (v);
CREATE TABLE t (v similarity.vector(2));
INSERT INTO t VALUES ('[1,2]'), ('[1,2]');
SELECT count(*) FROM t GROUP BY v;

-- It can move, which the server leaves to a superuser, since a trusted
-- extension's types are not the owner's; and it leaves nothing behind.
RESET ROLE;
ALTER EXTENSION vectormed SET SCHEMA public;
SET ROLE vm_owner;
SELECT v <=> '[2,1]' AS cosine FROM t LIMIT 1;
DROP TABLE t;
DROP EXTENSION vectormed;
SELECT count(*) FROM pg_type WHERE typname LIKE '%sphere' OR typname = 'vector';

-- A type of that name in the same schema, as pgvector makes it.
CREATE TYPE vector AS (x float4);
DO $$
DECLARE
	hint text;
BEGIN
	CREATE EXTENSION vectormed SCHEMA public;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RAISE WARNING USING MESSAGE = SQLSTATE || ' ' || SQLERRM, HINT = hint;
END
$$;
CREATE EXTENSION vectormed SCHEMA similarity;
SELECT '[1]'::similarity.vector;

-- Without CREATE on the database it is refused.
RESET ROLE;
DROP EXTENSION vectormed;
CREATE ROLE vm_guest;
SET ROLE vm_guest;
CREATE EXTENSION vectormed;
RESET ROLE;
\c :home
DROP DATABASE vm_owned;
DROP ROLE vm_owner, vm_guest;
