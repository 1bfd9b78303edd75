-- Text and binary forms of vector are pgvector's, byte for byte, since client
-- libraries parse them: no spaces, shortest digits, a header of two int16.

-- White space is allowed around every token, and none is written.
SELECT E' \t\n\r\x0b\f[ 1 , 2.5,\n-3 ] '::vector;

-- Decimal, exponent and hexadecimal numbers; -0 is kept.
SELECT '[1,2.50,-0,0x10,1e3,1.5e-3,.5,5.,+7]'::vector;

-- The shortest digits that read back as the same float4.
SELECT '[0.1,0.3333333333,16777217,3e38,1e-45,123456789]'::vector;
SELECT bool_and(v::text::vector = v AND v::text::vector::text = v::text)
FROM (SELECT ARRAY[random(), -random() * 1e30, random() * 1e-30]::vector AS v
	  FROM generate_series(1, 1000)) AS t;

-- Too small for float4 is read as the nearest one, 0.
SELECT '[1e-46,-1e-46]'::vector;

-- int16 dimensions, int16 0, then float4 in network byte order.
SELECT vector_send('[1,-2]');
SELECT vector_send('[0,-0,1.5]');

-- COPY writes both forms.
CREATE TEMP TABLE sent (id int, v vector(3));
INSERT INTO sent VALUES (1, '[1,2,3]'), (2, '[-0,1e-45,3.4e38]'), (3, NULL);
COPY sent TO STDOUT;
COPY (SELECT vector_send(v) FROM sent WHERE v IS NOT NULL ORDER BY id) TO STDOUT;

-- The type modifier is the number of dimensions.
SELECT format_type('vector'::regtype, 3);
SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute WHERE attrelid = 'sent'::regclass AND attnum > 0 ORDER BY attnum;

-- One and 16,000 dimensions.
SELECT '[42]'::vector;
SELECT vector_dims(('[' || repeat('1,', 15999) || '1]')::vector);

-- Elements of an array of vectors are quoted, as they contain commas.
SELECT ARRAY['[1,2]', '[3,4]']::vector[], ('{"[1,2]","[3,4]"}'::vector[])[2];

-- In a column: not compressed, out of line where it is long.
SELECT typlen, typalign, typstorage, typname FROM pg_type WHERE oid = 'vector'::regtype;
SELECT pg_column_size('[1,2,3]'::vector), pg_column_size('[1]'::vector);
