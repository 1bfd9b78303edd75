-- Text and binary forms of sparsevec are pgvector's, byte for byte, since client
-- libraries parse them: indices from 1 in text and from 0 in binary, rising.

-- White space is allowed around every token, pairs come in any order, and zeros are dropped.
SELECT E' \t\n\r\x0b\f{ 3 : 2.5 ,\n1 :-3, 2:0 } / 5 '::sparsevec;
SELECT '{3:1.5, 1:2,2:0}/5'::sparsevec, '{1:-0}/2'::sparsevec, '{}/3'::sparsevec, '{ }/3'::sparsevec;
-- an index that only stands beside a zero is not looked at, as in pgvector
SELECT '{1:0,1:5,9:0}/3'::sparsevec;

-- Decimal, exponent and hexadecimal numbers.
SELECT '{1:1,2:2.50,3:0x10,4:1e3,5:1.5e-3,6:.5,7:5.,8:+7,+9:1}/9'::sparsevec;

-- The shortest digits that read back as the same float4.
SELECT '{1:0.1,2:0.3333333333,3:16777217,4:3e38,5:1e-45,1000000000:123456789}/1000000000'::sparsevec;
SELECT bool_and(v::text::sparsevec = v AND v::text::sparsevec::text = v::text) AS reads_back
FROM (SELECT ARRAY[random(), 0, -random() * 1e30, random() * 1e-30]::sparsevec AS v
	  FROM generate_series(1, 1000)) AS t;

-- int32 dimensions, elements and 0, then the indices, then float4, in network byte order.
SELECT sparsevec_send('{1:1,3:-2}/4');
SELECT sparsevec_send('{}/7'), sparsevec_send('{1000000000:1.5}/1000000000');

-- COPY writes both forms.
CREATE TEMP TABLE sent (id int, v sparsevec(3));
INSERT INTO sent VALUES (1, '{1:1,2:2}/3'), (2, '{2:1e-45,3:3.4e38}/3'), (3, '{}/3'), (4, NULL);
COPY sent TO STDOUT;
COPY (SELECT sparsevec_send(v) FROM sent WHERE v IS NOT NULL ORDER BY id) TO STDOUT;

-- The type modifier is the number of dimensions.
SELECT format_type('sparsevec'::regtype, 3);
SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute WHERE attrelid = 'sent'::regclass AND attnum > 0 ORDER BY attnum;
CREATE TEMP TABLE widest (v sparsevec(1000000000));

-- 16,000 elements that are not 0, out of order.
SELECT l2_norm(('{' || string_agg(i || ':1', ',' ORDER BY i % 7, i) || '}/20000')::sparsevec) ^ 2 AS elements FROM generate_series(1, 16000) i;

-- Elements of an array of sparsevecs are quoted, as they contain commas and braces.
SELECT ARRAY['{1:2,3:4}/5', '{}/5']::sparsevec[], ('{"{1:2,3:4}/5","{}/5"}'::sparsevec[])[1];

-- In a column: not compressed, out of line where it is long.
SELECT typlen, typalign, typstorage, typname FROM pg_type WHERE oid = 'sparsevec'::regtype;
SELECT pg_column_size('{}/1000'::sparsevec), pg_column_size('{2:1,7:2}/1000'::sparsevec);
