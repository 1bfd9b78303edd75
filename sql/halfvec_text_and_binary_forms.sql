-- Text and binary forms of halfvec are pgvector's, byte for byte, since client
-- libraries parse them.  A number becomes the nearest half, ties to even.

-- White space is allowed around every token, and none is written.
SELECT E' \t\n\r\x0b\f[ 1 , 2.5,\n-3 ] '::halfvec;

-- Decimal, exponent and hexadecimal numbers; -0 is kept.
SELECT '[1,2.50,-0,0x10,1e3,1.5e-3,.5,5.,+7]'::halfvec;

-- An element is written as vector writes it.
SELECT '[0.1,0.3333333333,65504,-65504,6e-8,3.14159]'::halfvec;
SELECT bool_and(v::text::halfvec = v AND v::text = v::vector::text) AS reads_back
FROM (SELECT ARRAY[random(), -random() * 6e4, random() * 1e-6]::halfvec AS v
	  FROM generate_series(1, 1000)) AS t;

-- Every half there is, 63,488 of them, comes back from both forms.
CREATE TEMP TABLE halves AS
SELECT sign * CASE WHEN e = 0 THEN f * 2 ^ -24 ELSE (1024 + f) * 2 ^ (e - 25) END AS x
FROM generate_series(0, 30) AS e, generate_series(0, 1023) AS f, unnest('{1,-1}'::float8[]) AS sign;
CREATE TEMP TABLE written AS SELECT x, ARRAY[x]::halfvec AS h FROM halves;
SELECT count(*), count(*) FILTER (WHERE (h::real[])[1]::float8 = x AND h::text::halfvec = h) AS as_they_were FROM written;

-- Halfway between two halves: to the even one; a hair beside it: to the nearest,
-- also where a float has no such digits.
SELECT '[2049,2051,2049.0000001,2048.9999999,1.00048828125,1.000488281250001,1.00048828124999999]'::halfvec;
SELECT '[2.98023223876953125e-8,2.980232238769532e-8,8.9406967163085937e-8,1e-8,-1e-8]'::halfvec AS subnormal;
SELECT '[65519,65519.99,-65519.99999999]'::halfvec AS greatest;

-- int16 dimensions, int16 0, then binary16 in network byte order.
SELECT halfvec_send('[1,-2]');
SELECT halfvec_send('[0,-0,1.5,65504,6e-8]');

-- COPY writes both forms.
CREATE TEMP TABLE sent (id int, v halfvec(3));
INSERT INTO sent VALUES (1, '[1,2,3]'), (2, '[-0,6e-8,65504]'), (3, NULL);
COPY sent TO STDOUT;
COPY (SELECT halfvec_send(v) FROM sent WHERE v IS NOT NULL ORDER BY id) TO STDOUT;

-- The type modifier is the number of dimensions.
SELECT format_type('halfvec'::regtype, 3);
SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute WHERE attrelid = 'sent'::regclass AND attnum > 0 ORDER BY attnum;

-- One and 16,000 dimensions.
SELECT '[42]'::halfvec;
SELECT vector_dims(('[' || repeat('1,', 15999) || '1]')::halfvec);

-- Elements of an array of halfvecs are quoted, as they contain commas.
SELECT ARRAY['[1,2]', '[3,4]']::halfvec[], ('{"[1,2]","[3,4]"}'::halfvec[])[2];

-- In a column: not compressed, out of line where it is long, half as large as vector.
SELECT typlen, typalign, typstorage, typname FROM pg_type WHERE oid = 'halfvec'::regtype;
SELECT pg_column_size('[1,2,3]'::halfvec), pg_column_size('[1]'::halfvec);
