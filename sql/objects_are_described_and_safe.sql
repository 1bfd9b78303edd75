-- What every object of the extension must have.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/error_of.sql
CREATE TEMP VIEW members AS
SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refobjid = e.oid
WHERE e.extname = 'vectormed' AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass;

-- A comment; casts and array types can do without.
SELECT pg_describe_object(classid, objid, 0) AS without_comment
FROM members AS m
WHERE classid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_am'::regclass)
  AND NOT EXISTS (SELECT FROM pg_description AS c WHERE (c.classoid, c.objoid) = (m.classid, m.objid))
ORDER BY 1;
SELECT t.oid::regtype AS without_comment
FROM members AS m JOIN pg_type AS t ON (m.classid, m.objid) = ('pg_type'::regclass, t.oid)
WHERE t.typelem = 0 AND obj_description(t.oid, 'pg_type') IS NULL AND obj_description(t.typrelid, 'pg_class') IS NULL
ORDER BY 1;

-- Functions behind operators are immutable, strict and parallel safe.
SELECT o.oid::regoperator, p.provolatile, p.proisstrict, p.proparallel
FROM members AS m
JOIN pg_operator AS o ON (m.classid, m.objid) = ('pg_operator'::regclass, o.oid)
JOIN pg_proc AS p ON p.oid = o.oprcode
WHERE NOT (p.provolatile = 'i' AND p.proisstrict AND p.proparallel = 's')
ORDER BY 1;

-- Distances commute, comparisons have partners and the right estimators.
SELECT o.oid::regoperator
FROM members AS m JOIN pg_operator AS o ON (m.classid, m.objid) = ('pg_operator'::regclass, o.oid)
WHERE o.oprname ~ '^<(->|#>|=>|\+>|~>|%>)$'
  AND NOT EXISTS (SELECT FROM pg_operator AS c WHERE c.oid = o.oprcom AND (c.oprname, c.oprleft, c.oprright) = (o.oprname, o.oprright, o.oprleft))
ORDER BY 1;
SELECT o.oprleft::regtype AS type, o.oprname, o.oprcom::regoper, o.oprnegate::regoper, o.oprcanhash, o.oprcanmerge, o.oprrest, o.oprjoin
FROM members AS m JOIN pg_operator AS o ON (m.classid, m.objid) = ('pg_operator'::regclass, o.oid)
WHERE o.oprname IN ('<', '<=', '=', '<>', '>=', '>')
ORDER BY o.oprleft::regtype::text, array_position(ARRAY['<', '<=', '=', '<>', '>=', '>'], o.oprname::text);

-- Operator classes are complete.
SELECT c.opcname, a.amname, c.opcdefault, amvalidate(c.oid)
FROM members AS m
JOIN pg_opclass AS c ON (m.classid, m.objid) = ('pg_opclass'::regclass, c.oid)
JOIN pg_am AS a ON a.oid = c.opcmethod
WHERE a.amname IN ('btree', 'hash') ORDER BY a.amname, c.opcname;

-- C functions have a prefix of ours, so that no other library can catch them.
SELECT p.oid::regprocedure FROM members AS m JOIN pg_proc AS p ON (m.classid, m.objid) = ('pg_proc'::regclass, p.oid)
JOIN pg_language AS l ON l.oid = p.prolang
WHERE l.lanname = 'c' AND p.prosrc !~ '^vm_.*_sql$'
ORDER BY 1;

-- Errors of ours tell of their arguments, so none is leakproof: under row-level
-- security none sees a row before the policy has.
SELECT p.oid::regprocedure AS leakproof FROM members AS m JOIN pg_proc AS p ON (m.classid, m.objid) = ('pg_proc'::regclass, p.oid)
WHERE p.proleakproof OR p.prosecdef
ORDER BY 1;

-- What takes an internal argument cannot be called, with NULL neither.
SELECT p.oid::regprocedure AS can_be_called FROM members AS m JOIN pg_proc AS p ON (m.classid, m.objid) = ('pg_proc'::regclass, p.oid),
	LATERAL (SELECT string_agg(CASE t WHEN 'internal'::regtype THEN 'NULL' WHEN 'anyelement'::regtype THEN 'NULL::int'
		WHEN 'anyarray'::regtype THEN 'NULL::int[]' ELSE 'NULL::' || t::regtype END, ', ' ORDER BY n) AS arguments
		FROM unnest(p.proargtypes) WITH ORDINALITY AS u (t, n)) AS a
WHERE 'internal'::regtype = ANY (p.proargtypes)
  AND pg_temp.error_of(format('SELECT %s(%s)', p.oid::regproc, a.arguments)) !~ '^(42883|0A000|42725) '
ORDER BY 1;
