-- Gower's distance is the weighted mean of the features' distances over those that
-- both records have.  The flowers are those of Struyf, Hubert and Rousseeuw (1996):
-- winters, shadow and tubers are yes or no, color is a category, soil and preference
-- are ranks, height and distance are numbers.  R's daisy(flower) gives for the first
-- five 0.8875408 0.5272467 0.5147059 0.3517974 0.5504493 0.5651552 0.4115605
-- 0.6226307 0.3726307 0.6383578.

CREATE TABLE flower (id serial, winters int, shadow int, tubers int, color text,
	soil int, preference int, height int, distance int);
INSERT INTO flower (winters, shadow, tubers, color, soil, preference, height, distance) VALUES
	(0,1,1,'4',3,15,25,15), (1,0,0,'2',1,3,150,50), (0,1,0,'3',3,1,150,50),
	(0,0,1,'4',2,16,125,50), (0,1,0,'5',2,2,20,15), (0,1,0,'4',3,12,50,40),
	(0,0,0,'4',3,13,40,20), (0,0,1,'2',2,7,100,15), (1,1,0,'3',1,4,25,15),
	(1,1,0,'5',2,14,100,60), (1,1,1,'5',3,8,45,10), (1,1,1,'1',2,9,90,25),
	(1,1,0,'1',2,6,20,10), (1,1,1,'4',2,11,80,30), (1,0,0,'3',2,10,40,20),
	(1,0,0,'4',2,18,200,60), (1,0,0,'2',2,17,150,60), (0,0,1,'2',1,5,25,10);

CREATE TABLE spec AS SELECT gower_fit('flower', '{"winters": "symmetric_binary",
	"shadow": "symmetric_binary", "tubers": "symmetric_binary", "color": "nominal",
	"soil": "ordinal", "preference": "ordinal", "height": "numeric", "distance": "numeric"}') AS s;
SELECT (s).* FROM spec;

ALTER TABLE flower ADD features real[];
UPDATE flower f SET features = gower_values(to_jsonb(f), s) FROM spec;
SELECT id, features FROM flower ORDER BY id LIMIT 5;

SELECT round(gower_distance(a.features, b.features, s)::numeric, 7)
	FROM flower a, flower b, spec WHERE b.id < a.id AND a.id <= 5 ORDER BY a.id, b.id;

-- asymmetric: the second and third flower both lack tubers, which says nothing
-- then, so their distance is not 4.117647 / 8 but / 7
SELECT round((a.features <&> gower_query(b.features, t))::numeric, 7)
	FROM flower a, flower b, LATERAL (SELECT gower_fit('flower', '{"winters": "symmetric_binary",
		"shadow": "symmetric_binary", "tubers": "asymmetric_binary", "color": "nominal",
		"soil": "ordinal", "preference": "ordinal", "height": "numeric", "distance": "numeric"}') AS t) fit
	WHERE a.id = 2 AND b.id IN (1, 3) ORDER BY b.id;

-- weights: (2 * 1 + 1 * 0.7) / 3 of color and distance, and one weight alone
SELECT round(gower_distance('{1,15}', '{2,50}', w)::numeric, 7) AS weighted,
	round(gower_distance('{1,15}', '{2,50}', alone)::numeric, 7) AS distance_alone
	FROM (VALUES (ROW(NULL, '{nominal,numeric}', '{NULL,50}', '{2,1}', NULL)::gower_spec,
		ROW(NULL, '{nominal,numeric}', '{NULL,50}', '{0,3}', NULL)::gower_spec)) v (w, alone);

-- what is missing on either side does not count; where nothing is left the distance is NULL
SELECT a, b, gower_distance(a, b, ROW(NULL, '{nominal,numeric,asymmetric_binary}', '{NULL,50,NULL}', NULL, NULL)::gower_spec)
	FROM (VALUES ('{1,15,0}'::real[], '{2,40,0}'::real[]), ('{NULL,15,1}', '{2,40,0}'), ('{1,NaN,1}', '{NULL,40,1}'),
		('{NULL,15,0}', '{2,NULL,0}'), ('{1,15,0}', NULL)) v (a, b);

-- a range of 0 says that all are alike; outside the range a distance may exceed 1
SELECT gower_distance('{1}', '{9}', ROW(NULL, '{numeric}', '{0}', NULL, NULL)::gower_spec) AS range_0,
	gower_distance('{1}', '{9}', ROW(NULL, '{numeric}', '{4}', NULL, NULL)::gower_spec) AS outside;

-- extreme numbers: neither an overflow nor a distance that is not a number
SELECT gower_distance(ARRAY[3.4e38, 1]::real[], ARRAY[-3.4e38, 1]::real[],
	ROW(NULL, '{numeric,nominal}', ARRAY[1e-300, NULL], ARRAY[1e308, 1e-308], NULL)::gower_spec) AS huge,
	gower_distance('{1,2}', '{1,3}', ROW(NULL, '{numeric,nominal}', ARRAY[4.9e-324, 0], ARRAY[1e308, 1e308], NULL)::gower_spec) AS half,
	gower_distance('{NULL,2}', '{1,3}', ROW(NULL, '{numeric,nominal}', '{1,0}', ARRAY[1e308, 4.9e-324], NULL)::gower_spec) AS still_counts;

-- all weights 0: nothing counts
SELECT '{1}'::real[] <&> gower_query('{2}', ROW(NULL, '{nominal}', NULL, '{0}', NULL)) IS NULL AS none;

-- radius: as the distance says, and NULL where that is NULL
SELECT f.id, features <&> q AS d, features <<&>> sphere(q, 0.25) AS near
	FROM flower f, (SELECT gower_query(features, s) AS q FROM flower, spec WHERE id = 7) o
	ORDER BY d, f.id LIMIT 6;
SELECT '{NULL}'::real[] <<&>> sphere(gower_query('{2}', ROW(NULL, '{nominal}', NULL, NULL, NULL)), 1) AS distance_null,
	'{1}'::real[] <<&>> ROW(gower_query('{2}', ROW(NULL, '{nominal}', NULL, NULL, NULL)), NULL)::gower_sphere AS radius_null,
	'{1}'::real[] <<&>> ROW(NULL, 1)::gower_sphere AS center_null,
	'{1}'::real[] <&> ROW(NULL, '{nominal}', NULL, NULL)::gower_query AS value_null;

-- a query that changes from row to row is prepared anew each time
SELECT array_agg(round(('{0,10}'::real[] <&> gower_query(ARRAY[k % 2, k]::real[], ROW(NULL, '{nominal,numeric}', ARRAY[NULL, 10 + k], '{1,3}', NULL)))::numeric, 4) ORDER BY k)
	FROM generate_series(0, 5) k;

DROP TABLE flower, spec;
