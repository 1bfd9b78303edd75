-- beside pgvector

CREATE FUNCTION vectormed_create_pgvector_casts(OUT source regtype, OUT target regtype) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_create_pgvector_casts_sql' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION vectormed_create_pgvector_casts() IS
	'makes the casts in assignments between each type of pgvector and ours of the same name, without a function, since the values are the same bytes; for superusers; returns those made';

CREATE FUNCTION vectormed_drop_pgvector_casts(OUT source regtype, OUT target regtype) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_drop_pgvector_casts_sql' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION vectormed_drop_pgvector_casts() IS
	'drops the casts between the types of pgvector and ours, as DROP EXTENSION vector asks for; for superusers; returns those dropped';
