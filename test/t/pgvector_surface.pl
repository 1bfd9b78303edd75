# What code that was written for pgvector observes: values, texts, error messages and
# SQLSTATEs.  Of each expression the answer is written here, is ours, and, where
# pgvector is installed, is pgvector's: in the first list the same one, in the second
# another on purpose.  docs/differences-from-pgvector.md has a row for each of the
# second, by the number given here, with the reason.
#
# Types that an extension does not have yet, or whose pgvector is too old, are passed
# over: the rows that begin with the name of a type.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VectormedDocs;

my $node = PostgreSQL::Test::Cluster->new('surface');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nfsync = off\n");
$node->start;

# One answer for both: expression => text, or SQLSTATE and message.
my @same = (
	# 1.2 text
	[ vector => q{'[1,2.5,-0,0,16]'::vector}             => '[1,2.5,-0,0,16]' ],
	[ vector => q{E' [ 1 ,\t0x10\n, 1e3 ] '::vector}      => '[1,16,1000]' ],
	[ vector => q{'[3e38,1e-46]'::vector}                 => '[3e+38,0]' ],
	[ vector => q{'[0.1,1e-7,123456789]'::vector}         => '[0.1,1e-07,1.2345679e+08]' ],
	[ vector => q{format_type('vector'::regtype, 8)}      => 'vector(8)' ],
	[ vector => q{ARRAY['[1,2]'::vector, '[3,4]']}        => '{"[1,2]","[3,4]"}' ],
	[ halfvec => q{'[0.1,1,65504]'::halfvec}              => '[0.099975586,1,65504]' ],
	[ halfvec => q{'[1e-8]'::halfvec}                     => '[0]' ],
	[ sparsevec => q{'{3:1.5, 1:2,2:0}/5'::sparsevec}     => '{1:2,3:1.5}/5' ],
	[ sparsevec => q{'{1:-0}/2'::sparsevec}               => '{}/2' ],
	[ sparsevec => q{'{}/3'::sparsevec}                   => '{}/3' ],
	# 1.3 binary
	[ vector => q{vector_send('[1,-2]')}                  => '\x000200003f800000c0000000' ],
	[ halfvec => q{halfvec_send('[1,-2]')}                => '\x000200003c00c000' ],
	[ sparsevec => q{sparsevec_send('{1:1,3:-2}/4')}      => '\x0000000400000002000000000000000000000002' . '3f800000c0000000' ],
	# 1.4 errors
	(map { [ vector => "'$_'::vector" => qq{22P02 invalid input syntax for type vector: "$_"} ] } '', '1,2', '[1,2', '[1,,2]', '[1,2,]', '[,1]', '[a]', '[1 2]', '[1,2]x'),
	(map { [ vector => "$_" => '22000 vector must have at least 1 dimension' ] } q{'[]'::vector}, q{'[ ]'::vector}, q{'{}'::real[]::vector}, q{subvector('[1,2,3]'::vector, 4, 1)}, q{subvector('[1,2,3]'::vector, 1, 0)}),
	[ vector => q{array_fill(1, ARRAY[16001])::vector}    => '54000 vector cannot have more than 16000 dimensions' ],
	[ vector => q{'[NaN]'::vector}                        => '22000 NaN not allowed in vector' ],
	[ vector => q{'{1,NaN}'::float8[]::vector}            => '22000 NaN not allowed in vector' ],
	[ vector => q{'[inf]'::vector}                        => '22000 infinite value not allowed in vector' ],
	[ vector => q{'[-Infinity]'::vector}                  => '22000 infinite value not allowed in vector' ],
	[ vector => q{'{4e38}'::float8[]::vector}             => '22000 infinite value not allowed in vector' ],
	[ vector => q{'[4e38]'::vector}                       => '22003 "4e38" is out of range for type vector' ],
	[ vector => q{'[1,2,3]'::vector(2)}                   => '22000 expected 2 dimensions, not 3' ],
	[ vector => q{NULL::vector(0)}                        => '22023 dimensions for type vector must be at least 1' ],
	[ vector => q{NULL::vector(16001)}                    => '22023 dimensions for type vector cannot exceed 16000' ],
	[ vector => q{NULL::vector(1, 2)}                     => '22023 invalid type modifier' ],
	[ vector => q{'[1,2,3]'::vector <-> '[1,2]'}          => '22000 different vector dimensions 3 and 2' ],
	[ vector => q{'[1,2,3]'::vector + '[1,2]'}            => '22000 different vector dimensions 3 and 2' ],
	[ vector => q{(SELECT avg(v) FROM (VALUES ('[1,2]'::vector), ('[3]')) t (v))} => '22000 expected 2 dimensions, not 1' ],
	[ vector => q{'[3e38]'::vector + '[3e38]'}            => '22003 value out of range: overflow' ],
	[ vector => q{'[1e-30]'::vector * '[1e-30]'}          => '22003 value out of range: underflow' ],
	[ vector => q{ARRAY[1, NULL]::vector}                 => '22004 array must not contain nulls' ],
	[ vector => q{ARRAY[[1]]::vector}                     => '22000 array must be 1-D' ],
	[ vector => q{ARRAY['a']::vector}                     => '42846 cannot cast type text[] to vector' ],
	[ vector => q{B'10'::bit(2) <~> B'101'::bit(3)}       => '22000 different bit lengths 2 and 3' ],
	[ halfvec => q{'[65520]'::halfvec}                    => '22003 "65520" is out of range for type halfvec' ],
	[ halfvec => q{'[1,2,3]'::halfvec(2)}                 => '22000 expected 2 dimensions, not 3' ],
	[ halfvec => q{'[1,2,3]'::halfvec <-> '[1,2]'}        => '22000 different halfvec dimensions 3 and 2' ],
	[ sparsevec => q{'{1:1,1:2}/3'::sparsevec}            => '22000 sparsevec indices must not contain duplicates' ],
	[ sparsevec => q{'{4:1}/3'::sparsevec}                => '22000 sparsevec index out of bounds' ],
	[ sparsevec => q{'{}/0'::sparsevec}                   => '22000 sparsevec must have at least 1 dimension' ],
	[ sparsevec => q{'{}/1000000001'::sparsevec}          => '54000 sparsevec cannot have more than 1000000000 dimensions' ],
	[ sparsevec => q{'{1:1}/3'::sparsevec(2)}             => '22000 expected 2 dimensions, not 3' ],
	# 1.5 functions, 1.6 operators
	[ vector => q{l2_distance('[1,2]'::vector, '[4,6]')}  => '5' ],
	[ vector => q{inner_product('[1,2]'::vector, '[3,4]')} => '11' ],
	[ vector => q{cosine_distance('[1,0]'::vector, '[0,1]')} => '1' ],
	[ vector => q{cosine_distance('[1,0]'::vector, '[0,0]')} => 'NaN' ],
	[ vector => q{l1_distance('[1,2]'::vector, '[3,5]')}  => '5' ],
	[ vector => q{vector_dims('[1,2,3]'::vector)}         => '3' ],
	[ vector => q{vector_norm('[3,4]'::vector)}           => '5' ],
	[ vector => q{l2_normalize('[3,4]'::vector)}          => '[0.6,0.8]' ],
	[ vector => q{l2_normalize('[0,0]'::vector)}          => '[0,0]' ],
	[ vector => q{binary_quantize('[0,1,-1,0.1]'::vector)} => '0101' ],
	[ vector => q{subvector('[1,2,3,4]'::vector, 2, 2)}   => '[2,3]' ],
	[ vector => q{subvector('[1,2,3]'::vector, -1, 3)}    => '[1]' ],
	[ vector => q{subvector('[1,2,3]'::vector, 2, 2147483647)} => '[2,3]' ],
	[ vector => q{hamming_distance(B'101', B'110')}       => '2' ],
	[ vector => q{jaccard_distance(B'1100', B'0100')}     => '0.5' ],
	[ vector => q{vector_l2_squared_distance('[1,2]', '[4,6]')} => '25' ],
	[ vector => q{vector_negative_inner_product('[1,2]', '[3,4]')} => '-11' ],
	[ vector => q{vector_spherical_distance('[1,0]', '[0,1]')} => '0.5' ],
	[ vector => q{'[1,2]'::vector <-> '[4,6]'}            => '5' ],
	[ vector => q{'[1,2]'::vector <#> '[3,4]'}            => '-11' ],
	[ vector => q{'[1,0]'::vector <=> '[-1,0]'}           => '2' ],
	[ vector => q{'[1,2]'::vector <+> '[3,5]'}            => '5' ],
	[ vector => q{B'101' <~> B'110'}                      => '2' ],
	[ vector => q{B'1100' <%> B'0100'}                    => '0.5' ],
	[ vector => q{'[1,2]'::vector + '[3,4]'}              => '[4,6]' ],
	[ vector => q{'[1,2]'::vector - '[3,5]'}              => '[-2,-3]' ],
	[ vector => q{'[1,2]'::vector * '[3,5]'}              => '[3,10]' ],
	[ vector => q{'[1,2]'::vector || '[3]'}               => '[1,2,3]' ],
	[ vector => q{'[1,2]'::vector < '[1,2,0]'}            => 'true' ],
	[ vector => q{'[2]'::vector > '[1,9]'}                => 'true' ],
	[ vector => q{'[-0]'::vector = '[0]'}                 => 'true' ],
	[ vector => q{pg_typeof('[1]'::vector <-> '[2]')}     => 'double precision' ],
	[ vector => q{ARRAY[1, 2] <-> '[1,2]'}                => '42883 operator does not exist: integer[] <-> unknown' ],
	[ vector => q{l2_distance('[1]'::vector, NULL)}       => undef ],
	(map { [ halfvec => "$_" => 5 ] } q{l2_distance('[1,2]'::halfvec, '[4,6]')}, q{'[1,2]'::halfvec <+> '[3,5]'}, q{l2_norm('[3,4]'::halfvec)}),
	[ halfvec => q{'[1,2]'::halfvec || '[3]'}             => '[1,2,3]' ],
	[ halfvec => q{binary_quantize('[0,1,-1]'::halfvec)}  => '010' ],
	[ halfvec => q{subvector('[1,2,3,4]'::halfvec, 2, 2)} => '[2,3]' ],
	(map { [ sparsevec => "$_" => 5 ] } q{l2_distance('{1:1,2:2}/3'::sparsevec, '{1:4,2:6}/3')}, q{'{1:1,2:2}/3'::sparsevec <+> '{1:3,2:5}/3'}, q{l2_norm('{1:3,2:4}/3'::sparsevec)}),
	[ sparsevec => q{'{1:3,2:4}/3'::sparsevec <#> '{2:2}/3'} => '-8' ],
	# 1.7 casts
	[ vector => q{ARRAY[1, 2]::vector}                    => '[1,2]' ],
	[ vector => q{'{1,2.5}'::numeric[]::vector}           => '[1,2.5]' ],
	[ vector => q{'{1,2.5}'::float8[]::vector(2)}         => '[1,2.5]' ],
	[ vector => q{'[1,2]'::vector::real[]}                => '{1,2}' ],
	[ vector => q{cardinality('[1,2]'::vector::real[])}   => '2' ],
	(map { [ vector => "(SELECT castcontext FROM pg_cast WHERE castsource = '$_->[0]'::regtype AND casttarget = '$_->[1]'::regtype)" => $_->[2] ] }
		[qw(vector real[] i)], [qw(vector vector i)], map { [ $_, 'vector', 'a' ] } qw(integer[] real[] float8[] numeric[])),
	(map { [ halfvec => "(SELECT castcontext FROM pg_cast WHERE castsource = '$_->[0]'::regtype AND casttarget = '$_->[1]'::regtype)" => $_->[2] ] }
		[qw(vector halfvec i)], [qw(halfvec vector a)], [qw(halfvec real[] a)], [qw(halfvec halfvec i)], [qw(real[] halfvec a)]),
	(map { [ sparsevec => "(SELECT castcontext FROM pg_cast WHERE castsource = '$_->[0]'::regtype AND casttarget = '$_->[1]'::regtype)" => $_->[2] ] }
		[qw(vector sparsevec i)], [qw(sparsevec vector a)], [qw(sparsevec sparsevec i)]),
	[ halfvec => q{'[1,2]'::vector::halfvec}              => '[1,2]' ],
	[ sparsevec => q{'[0,1.5,0]'::vector::sparsevec}      => '{2:1.5}/3' ],
	[ sparsevec => q{'{2:1.5}/3'::sparsevec::vector}      => '[0,1.5,0]' ],
	# 1.8 aggregates
	[ vector => q{(SELECT avg(v) FROM (VALUES ('[1,2]'::vector), ('[3,6]'), (NULL)) t (v))} => '[2,4]' ],
	[ vector => q{(SELECT sum(v) FROM (VALUES ('[1,2]'::vector), ('[3,6]'), (NULL)) t (v))} => '[4,8]' ],
	[ vector => q{(SELECT avg(v) FROM (VALUES ('[3e38]'::vector), ('[3e38]')) t (v))} => '[3e+38]' ],
	[ vector => q{(SELECT sum(v) FROM (VALUES ('[3e38]'::vector), ('[3e38]')) t (v))} => '22003 value out of range: overflow' ],
	[ vector => q{(SELECT avg(v) FROM (SELECT '[1]'::vector LIMIT 0) t (v))} => undef ],
	[ halfvec => q{(SELECT avg(v) FROM (VALUES ('[1,2]'::halfvec), ('[3,6]')) t (v))} => '[2,4]' ],
	# the rest of these sections: vector
	[ vector => q!'[1e400]'::vector! => '22003 "1e400" is out of range for type vector' ],
	[ vector => q!vector_dims('[1]'::vector || array_fill(1, ARRAY[16000])::vector)! => '54000 vector cannot have more than 16000 dimensions' ],
	[ vector => q!'[3e38]'::vector - '[-3e38]'! => '22003 value out of range: overflow' ],
	[ vector => q!'[3e38]'::vector * '[10]'! => '22003 value out of range: overflow' ],
	[ vector => q!'{1,NaN}'::numeric[]::vector! => '22000 NaN not allowed in vector' ],
	[ vector => q!vector_cmp('[1]', '[2]')! => '-1' ],
	[ vector => q!vector_accum('{0}', '[1,2]')! => '{1,1,2}' ],
	[ vector => q!vector_avg('{2,1,2}')! => '[0.5,1]' ],
	[ vector => q!vector_avg('{0}')! => undef ],
	[ vector => q!vector_combine('{1,1,2}', '{1,3,4}')! => '{2,4,6}' ],
	[ vector => q!vector('[1,2]'::vector, 2, true)! => '[1,2]' ],
	[ vector => q!array_to_vector(ARRAY[1, 2], 2, true)! => '[1,2]' ],
	[ vector => q!array_to_vector(ARRAY[1, 2]::numeric[], -1, true)! => '[1,2]' ],
	[ vector => q!vector_to_float4('[1,2]', -1, true)! => '{1,2}' ],
	[ vector => q!'[1,2]'::vector = ARRAY[1, 2]::real[]! => '42883 operator does not exist: vector = real[]' ],
	[ vector => q!'[1,2]'::vector::float8[]! => '42846 cannot cast type vector to double precision[]' ],
	[ vector => q!B'10' <%> B'101'! => '22000 different bit lengths 2 and 3' ],
	[ vector => q!B'1010'::varbit <~> B'1010'::varbit! => '0' ],
	[ vector => q!hamming_distance(B'', B'')! => '0' ],
	[ vector => q!(SELECT min(v) FROM (VALUES ('[1]'::vector)) t (v))! => '42883 function min(vector) does not exist' ],
	# halfvec
	[ halfvec => q!'[1,2.5,-0,0,0x10]'::halfvec! => '[1,2.5,-0,0,16]' ],
	[ halfvec => q!'[65519]'::halfvec! => '[65504]' ],
	[ halfvec => q!'[-65520]'::halfvec! => '22003 "-65520" is out of range for type halfvec' ],
	[ halfvec => q!'[1e400]'::halfvec! => '22003 "1e400" is out of range for type halfvec' ],
	[ halfvec => q!'[NaN]'::halfvec! => '22000 NaN not allowed in halfvec' ],
	[ halfvec => q!'[-inf]'::halfvec! => '22000 infinite value not allowed in halfvec' ],
	[ halfvec => q!''::halfvec! => '22P02 invalid input syntax for type halfvec: ""' ],
	[ halfvec => q!'[1,2'::halfvec! => '22P02 invalid input syntax for type halfvec: "[1,2"' ],
	[ halfvec => q!'[1,2]x'::halfvec! => '22P02 invalid input syntax for type halfvec: "[1,2]x"' ],
	[ halfvec => q!'[a]'::halfvec! => '22P02 invalid input syntax for type halfvec: "[a]"' ],
	[ halfvec => q!'[]'::halfvec! => '22000 halfvec must have at least 1 dimension' ],
	[ halfvec => q!array_fill(1, ARRAY[16001])::halfvec! => '54000 halfvec cannot have more than 16000 dimensions' ],
	[ halfvec => q!NULL::halfvec(0)! => '22023 dimensions for type halfvec must be at least 1' ],
	[ halfvec => q!NULL::halfvec(16001)! => '22023 dimensions for type halfvec cannot exceed 16000' ],
	[ halfvec => q!NULL::halfvec(1, 2)! => '22023 invalid type modifier' ],
	[ halfvec => q!ARRAY[1, NULL]::halfvec! => '22004 array must not contain nulls' ],
	[ halfvec => q!ARRAY[[1]]::halfvec! => '22000 array must be 1-D' ],
	[ halfvec => q!ARRAY['a']::halfvec! => '42846 cannot cast type text[] to halfvec' ],
	[ halfvec => q!'{}'::real[]::halfvec! => '22000 halfvec must have at least 1 dimension' ],
	[ halfvec => q!'{NaN}'::real[]::halfvec! => '22000 NaN not allowed in halfvec' ],
	[ halfvec => q!'{inf}'::float8[]::halfvec! => '22000 infinite value not allowed in halfvec' ],
	[ halfvec => q!'[1,2,3]'::halfvec + '[1,2]'! => '22000 different halfvec dimensions 3 and 2' ],
	[ halfvec => q!'[65504]'::halfvec + '[65504]'! => '22003 value out of range: overflow' ],
	[ halfvec => q!'[65504]'::halfvec - '[-65504]'! => '22003 value out of range: overflow' ],
	[ halfvec => q!'[65504]'::halfvec * '[2]'! => '22003 value out of range: overflow' ],
	[ halfvec => q!'[1e-7]'::halfvec * '[1e-7]'! => '22003 value out of range: underflow' ],
	[ halfvec => q!'[1e-8]'::vector::halfvec! => '[0]' ],
	[ halfvec => q!'[1,0,2]'::halfvec::real[]! => '{1,0,2}' ],
	[ halfvec => q!'{1,2.5}'::numeric[]::halfvec! => '[1,2.5]' ],
	[ halfvec => q!subvector('[1,2,3]'::halfvec, -1, 3)! => '[1]' ],
	[ halfvec => q!subvector('[1,2,3]'::halfvec, 4, 1)! => '22000 halfvec must have at least 1 dimension' ],
	[ halfvec => q!vector_dims('[1,2,3]'::halfvec)! => '3' ],
	[ halfvec => q!l2_normalize('[3,4]'::halfvec)! => '[0.60009766,0.7998047]' ],
	[ halfvec => q!inner_product('[1,2]'::halfvec, '[3,4]')! => '11' ],
	[ halfvec => q!cosine_distance('[1,0]'::halfvec, '[0,0]')! => 'NaN' ],
	[ halfvec => q!'[1,2]'::halfvec <-> '[4,6]'! => '5' ],
	[ halfvec => q!'[1,2]'::halfvec <#> '[4,6]'! => '-16' ],
	[ halfvec => q!'[1,0]'::halfvec <=> '[-1,0]'! => '2' ],
	[ halfvec => q!halfvec_l2_squared_distance('[1,2]', '[4,6]')! => '25' ],
	[ halfvec => q!halfvec_negative_inner_product('[1,2]', '[3,4]')! => '-11' ],
	[ halfvec => q!halfvec_spherical_distance('[1,0]', '[0,1]')! => '0.5' ],
	[ halfvec => q!halfvec_cmp('[1]', '[2]')! => '-1' ],
	[ halfvec => q!'[1,2]'::halfvec < '[1,2,0]'! => 'true' ],
	[ halfvec => q!'[-0]'::halfvec = '[0]'! => 'true' ],
	[ halfvec => q!(SELECT sum(v) FROM (VALUES ('[1,2]'::halfvec), ('[3,6]'), (NULL)) t (v))! => '[4,8]' ],
	[ halfvec => q!(SELECT avg(v) FROM (VALUES ('[65504]'::halfvec), ('[65504]')) t (v))! => '[65504]' ],
	[ halfvec => q!(SELECT sum(v) FROM (VALUES ('[65504]'::halfvec), ('[65504]')) t (v))! => '22003 value out of range: overflow' ],
	[ halfvec => q!(SELECT avg(v) FROM (VALUES ('[1,2]'::halfvec), ('[1]')) t (v))! => '22000 expected 2 dimensions, not 1' ],
	[ halfvec => q!halfvec_accum('{0}', '[1,2]')! => '{1,1,2}' ],
	[ halfvec => q!halfvec_avg('{2,1,2}')! => '[0.5,1]' ],
	[ halfvec => q!halfvec_combine('{1,1,2}', '{1,3,4}')! => '{2,4,6}' ],
	[ halfvec => q!'[1]'::vector <-> '[1]'::halfvec! => '0' ],
	[ halfvec => q!vector_to_halfvec('[1,2]', -1, true)! => '[1,2]' ],
	[ halfvec => q!halfvec_to_vector('[1,2]', -1, true)! => '[1,2]' ],
	[ halfvec => q!halfvec_to_float4('[1,2]', -1, true)! => '{1,2}' ],
	[ halfvec => q!array_to_halfvec(ARRAY[1, 0], -1, true)! => '[1,0]' ],
	[ halfvec => q!halfvec('[1,2]'::halfvec, 2, true)! => '[1,2]' ],
	# sparsevec
	[ sparsevec => q!' { 1 : 2 , 3 : 4 } / 5 '::sparsevec! => '{1:2,3:4}/5' ],
	[ sparsevec => q!''::sparsevec! => '22P02 invalid input syntax for type sparsevec: ""' ],
	[ sparsevec => q!'[1]'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "[1]"' ],
	[ sparsevec => q!'{1:1}'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:1}"' ],
	[ sparsevec => q!'{1:1'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:1"' ],
	[ sparsevec => q!'{1:1}/'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:1}/"' ],
	[ sparsevec => q!'{1:1}/3x'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:1}/3x"' ],
	[ sparsevec => q!'{1:1,}/3'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:1,}/3"' ],
	[ sparsevec => q!'{,1:1}/3'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{,1:1}/3"' ],
	[ sparsevec => q!'{1}/3'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1}/3"' ],
	[ sparsevec => q!'{1:}/3'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:}/3"' ],
	[ sparsevec => q!'{1:a}/3'::sparsevec! => '22P02 invalid input syntax for type sparsevec: "{1:a}/3"' ],
	[ sparsevec => q!'{0:1}/3'::sparsevec! => '22000 sparsevec index out of bounds' ],
	[ sparsevec => q!'{-1:1}/3'::sparsevec! => '22000 sparsevec index out of bounds' ],
	[ sparsevec => q!'{1:1}/-1'::sparsevec! => '22000 sparsevec must have at least 1 dimension' ],
	[ sparsevec => q!'{1:NaN}/2'::sparsevec! => '22000 NaN not allowed in sparsevec' ],
	[ sparsevec => q!'{1:inf}/2'::sparsevec! => '22000 infinite value not allowed in sparsevec' ],
	[ sparsevec => q!'{1:4e38}/2'::sparsevec! => '22003 "4e38" is out of range for type sparsevec' ],
	[ sparsevec => q!'{1:1e-50}/2'::sparsevec! => '22003 "1e-50" is out of range for type sparsevec' ],
	[ sparsevec => q!NULL::sparsevec(0)! => '22023 dimensions for type sparsevec must be at least 1' ],
	[ sparsevec => q!NULL::sparsevec(1000000001)! => '22023 dimensions for type sparsevec cannot exceed 1000000000' ],
	[ sparsevec => q!(SELECT '{' || string_agg(i || ':1', ',') || '}/20000' FROM generate_series(1, 16001) i)::sparsevec! => '54000 sparsevec cannot have more than 16000 non-zero elements' ],
	[ sparsevec => q!'{1:1}/3'::sparsevec <-> '{1:1}/2'! => '22000 different sparsevec dimensions 3 and 2' ],
	[ sparsevec => q!'{}/20000'::sparsevec::vector! => '54000 vector cannot have more than 16000 dimensions' ],
	[ sparsevec => q!'{}/20000'::sparsevec::halfvec! => '54000 halfvec cannot have more than 16000 dimensions' ],
	[ sparsevec => q!'{1:1}/3'::sparsevec::vector(2)! => '22000 expected 2 dimensions, not 3' ],
	[ sparsevec => q!'[1,0,2]'::halfvec::sparsevec! => '{1:1,3:2}/3' ],
	[ sparsevec => q!'{1:1,3:2}/3'::sparsevec::halfvec! => '[1,0,2]' ],
	[ sparsevec => q!ARRAY[1, 0, 2]::sparsevec! => '{1:1,3:2}/3' ],
	[ sparsevec => q!ARRAY[1, NULL]::sparsevec! => '22004 array must not contain nulls' ],
	[ sparsevec => q!'{1:1}/2'::sparsevec::real[]! => '42846 cannot cast type sparsevec to real[]' ],
	[ sparsevec => q!inner_product('{1:1,2:2}/3'::sparsevec, '{1:3,3:1}/3')! => '3' ],
	[ sparsevec => q!cosine_distance('{}/3'::sparsevec, '{1:1}/3')! => 'NaN' ],
	[ sparsevec => q!'{1:1}/3'::sparsevec <=> '{1:2}/3'! => '0' ],
	[ sparsevec => q!l2_normalize('{1:3,2:4}/3'::sparsevec)! => '{1:0.6,2:0.8}/3' ],
	[ sparsevec => q!l2_normalize('{}/3'::sparsevec)! => '{}/3' ],
	[ sparsevec => q!sparsevec_l2_squared_distance('{1:1}/2', '{1:3}/2')! => '4' ],
	[ sparsevec => q!sparsevec_negative_inner_product('{1:1}/2', '{1:3}/2')! => '-3' ],
	[ sparsevec => q!sparsevec_cmp('{1:1}/2', '{}/2')! => '1' ],
	[ sparsevec => q!'{1:1}/2'::sparsevec > '{2:1}/2'! => 'true' ],
	[ sparsevec => q!'{1:-1}/2'::sparsevec < '{2:1}/2'! => 'true' ],
	[ sparsevec => q!'{}/2'::sparsevec < '{}/3'! => 'true' ],
	[ sparsevec => q!'{1:1}/3'::sparsevec || '{1:1}/3'! => '{1:1}/3{1:1}/3' ],
	[ sparsevec => q!'{1:1}/3'::sparsevec + '{1:1}/3'! => '42883 operator does not exist: sparsevec + unknown' ],
	[ sparsevec => q!vector_dims('{1:1}/3'::sparsevec)! => '42883 function vector_dims(sparsevec) does not exist' ],
	[ sparsevec => q!sum('{1:1}/3'::sparsevec)! => '42883 function sum(sparsevec) does not exist' ],
	[ sparsevec => q!(SELECT string_agg(typname || typlen || typalign || typstorage || typcategory || typdelim || typmodout, ' ' ORDER BY typname) FROM pg_type WHERE typname IN ('vector', 'halfvec', 'sparsevec'))! => '42725 operator is not unique: text || "char"' ],
	[ sparsevec => q!(SELECT string_agg(opcname, ' ' ORDER BY opcname) FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE amname = 'btree' AND opcdefault AND opcintype::regtype::text ~ 'vec')! => 'halfvec_ops oidvector_ops sparsevec_ops tsvector_ops vector_ops' ],
	[ sparsevec => q!(SELECT string_agg(DISTINCT opcname, ' ' ORDER BY opcname) FROM pg_opclass WHERE opcname ~ '^(halfvec|sparsevec)_(l2|ip|cosine|l1)_ops$')! => 'halfvec_cosine_ops halfvec_ip_ops halfvec_l1_ops halfvec_l2_ops sparsevec_cosine_ops sparsevec_ip_ops sparsevec_l1_ops sparsevec_l2_ops' ],
	[ sparsevec => q!(SELECT string_agg(castsource::regtype || '>' || casttarget::regtype || castcontext, ' ' ORDER BY castsource::regtype::text, casttarget::regtype::text) FROM pg_cast WHERE castsource::regtype::text ~ 'vec' OR casttarget::regtype::text ~ 'vec')! => '42725 operator is not unique: text || "char"' ],
	[ sparsevec => q!vector_to_sparsevec('[1,0]', -1, true)! => '{1:1}/2' ],
	[ sparsevec => q!sparsevec_to_vector('{1:1}/2', -1, true)! => '[1,0]' ],
	[ sparsevec => q!halfvec_to_sparsevec('[1,0]', -1, true)! => '{1:1}/2' ],
	[ sparsevec => q!sparsevec_to_halfvec('{1:1}/2', -1, true)! => '[1,0]' ],
	[ sparsevec => q!array_to_sparsevec(ARRAY[1, 0], -1, true)! => '{1:1}/2' ],
	[ sparsevec => q!sparsevec('{1:1}/2'::sparsevec, 2, true)! => '{1:1}/2' ],
	# what clients look up
	[ vector => q{to_regtype('vector')::text || ' ' || to_regtype('_vector')} => 'vector vector[]' ],
	[ vector => q{(SELECT string_agg(opcname, ' ' ORDER BY opcname) FROM (SELECT DISTINCT opcname FROM pg_opclass WHERE opcname IN
		('vector_l2_ops', 'vector_ip_ops', 'vector_cosine_ops', 'vector_l1_ops', 'bit_hamming_ops', 'bit_jaccard_ops', 'vector_ops')) c)}
		=> 'bit_hamming_ops bit_jaccard_ops vector_cosine_ops vector_ip_ops vector_l1_ops vector_l2_ops vector_ops' ],
	[ vector => q{(SELECT string_agg(attstorage::text, '') FROM pg_attribute WHERE attrelid = 'rows'::regclass AND attname = 'v')} => 'e' ]);

# On purpose another: number of the row in the page, expression, how ours begins, how
# pgvector's does (a pattern).
my @different = (
	[ 1, q{B'000' <%> B'000'}                             => '0', '1' ],
	[ 2, q{'[3e38]'::vector <-> '[-3e38]'}                => '6.0000000109955115e+38', 'Infinity' ],
	[ 3, q{cosine_distance('[3e38]'::vector, '[3e38]')}   => '0', '(1|NaN)$' ],
	[ 4, q{(SELECT oprrest FROM pg_operator WHERE oprname = '<>' AND oprleft = 'vector'::regtype)} => 'neqsel', 'eqsel' ],
	[ 5, q{(SELECT oprcanhash FROM pg_operator WHERE oprname = '=' AND oprleft = 'vector'::regtype)} => 'true', 'false' ],
	[ 6, q{(SELECT count(*) FROM nearest('[1,1]'))}        => '302', '300' ],
	[ 7, q{(SELECT count(*) FROM nearest_by_angle('[1,1]'))} => '302', '299' ],
	[ 8, q{(SELECT count(*) FROM nearest_of_group('[1,1]'))} => '10', 'fewer' ],
	[ 9, q{(SELECT count(*) FROM pg_stats WHERE tablename = 'rows' AND attname = 'v' AND (histogram_bounds IS NOT NULL OR most_common_vals IS NOT NULL))} => '0', '1' ],
	[ 10, q{(SELECT count(*) FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE opcname = 'vector_l2_ops' AND opcdefault AND amname IN ('hnsw', 'balltree'))} => '1', '0' ],
	[ 11, q{(SELECT string_agg(column_default, '') FROM indexed_without_dimensions())} => 'made', '22023 column does not have dimensions' ],
	[ 12, q{(SELECT count(*) FROM pg_proc WHERE proname = 'jaccard_distance' AND proargtypes[0] IN ('anyarray'::regtype, 'vector'::regtype))} => '2', '0' ],
	[ 13, q{B'1100' <%> B'1010'}                           => '0.6666666666666666', '0.6666666666666667' ],
	[ 14, q{ARRAY['[1.0004883]', '{1.0004883}'::float8[]::halfvec, '{1.0004883}'::numeric[]::halfvec]} => '{[1.0009766],[1.0009766],[1.0009766]}', '\{\[1\],\[1\],\[1\]\}' ],
	[ 15, q{'{1e5}'::real[]::halfvec}                     => '22003 value out of range for type halfvec', '22003 "100000" is out of range for type halfvec' ],
	[ 16, q{'{1e-400}'::numeric[]::vector}                => '[0]', '22003 "0\.0+1" is out of range' ],
	[ 17, q{array_fill(1, ARRAY[16001])::sparsevec}       => '54000 sparsevec cannot have more than 16000 non-zero elements', '(\\{1:1,2:1,|54000 )' ],
	[ 18, q{l2_norm('[3,4]'::vector)}                     => '5', '42725 function l2_norm\\(vector\\) is not unique' ],
	[ 19, q{vector_avg('{}')}                             => '22023 invalid aggregate state of vector', 'XX000 vector_avg: expected state array' ]);

my $prepare = q{
	CREATE FUNCTION result_of(expression text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE result text;
	BEGIN
		EXECUTE 'SELECT (' || expression || ')::text' INTO result;
		RETURN result;
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
	END $$;
	CREATE TABLE rows (id int, v vector(2), grp int);
	INSERT INTO rows SELECT i, ARRAY[i, i % 17]::real[]::vector, i % 100 FROM generate_series(1, 299) i;
	INSERT INTO rows VALUES (300, '[0,0]', 5), (301, NULL, 5), (302, NULL, 7);
	CREATE TABLE loose (v vector); INSERT INTO loose VALUES ('[1,2]');
	CREATE INDEX rows_l2 ON rows USING AM (v vector_l2_ops);
	CREATE INDEX rows_cosine ON rows USING AM (v vector_cosine_ops);
	CREATE TABLE many (id int, v vector(2), grp int);
	INSERT INTO many SELECT i, ARRAY[i, i % 17]::real[]::vector, i % 400 FROM generate_series(1, 8000) i;
	CREATE INDEX many_l2 ON many USING AM (v vector_l2_ops);
	CREATE FUNCTION nearest(q vector) RETURNS SETOF int LANGUAGE sql SET enable_seqscan = off AS $$ SELECT id FROM rows ORDER BY v <-> q LIMIT 1000 $$;
	CREATE FUNCTION nearest_by_angle(q vector) RETURNS SETOF int LANGUAGE sql SET enable_seqscan = off AS $$ SELECT id FROM rows ORDER BY v <=> q LIMIT 1000 $$;
	CREATE FUNCTION nearest_of_group(q vector) RETURNS SETOF int LANGUAGE sql SET enable_seqscan = off AS $$ SELECT id FROM many WHERE grp = 399 ORDER BY v <-> q LIMIT 10 $$;
	CREATE FUNCTION indexed_without_dimensions() RETURNS TABLE (column_default text) LANGUAGE plpgsql AS $$
	BEGIN
		CREATE INDEX ON loose USING AM (v vector_l2_ops);
		RETURN QUERY SELECT 'made'::text;
	END $$;
	ANALYZE rows;
};

# A database with that extension, and what it answers to expressions: undef for NULL.
my %am = (vectormed => 'balltree', vector => 'hnsw');

sub prepare
{
	my ($extension) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE with_$extension");
	$node->safe_psql("with_$extension", "SET client_min_messages = warning; CREATE EXTENSION $extension;" . ($extension eq 'vector' ? "SET hnsw.ef_search = 1000;" : '')
		  . $prepare =~ s/\bAM\b/$am{$extension}/gr);
	return;
}

sub answers
{
	my ($extension, @expressions) = @_;
	my $settings = $extension eq 'vector' ? "LOAD 'vector'; SET hnsw.ef_search = 1000;\n" : "SET vectormed.target_recall = 1;\n";
	return split /\n/, $node->safe_psql("with_$extension", $settings . join '', map { "SELECT coalesce(result_of(\$q\$$_\$q\$), 'NULL');\n" } @expressions);
}

sub has_type
{
	my ($extension, $type) = @_;
	return $node->safe_psql("with_$extension", "SELECT to_regtype('$type') IS NOT NULL") eq 't';
}

prepare('vectormed');
my $beside = $node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'");
prepare('vector') if $beside;

foreach my $extension ('vectormed', $beside ? 'vector' : ())
{
	my %has = map { $_ => has_type($extension, $_) } qw(vector halfvec sparsevec);
	my @cases = grep { $has{ $_->[0] } } @same;
	my @said = answers($extension, map { $_->[1] } @cases);
	is($said[$_], $cases[$_][2] // 'NULL', "$extension: $cases[$_][1]") foreach 0 .. $#cases;
	cmp_ok(scalar @cases, '>=', 200, "$extension: all were asked");
}

my $page = slurp_file(top_file('docs/differences-from-pgvector.md'));
my @ours = answers('vectormed', map { $_->[1] } @different);
my @theirs = $beside ? answers('vector', map { $_->[1] } @different) : ();
foreach my $i (0 .. $#different)
{
	my ($number, $expression, $ours, $theirs) = @{ $different[$i] };
	like($ours[$i], qr/^\Q$ours\E/, "difference $number, ours: $expression");
	like($page, qr/^\| $number \|/m, "difference $number is in the page");
	next unless $beside;
	$theirs eq 'fewer' ? cmp_ok($theirs[$i], '<', $ours, "difference $number, pgvector's: $expression") : like($theirs[$i], qr/^$theirs/, "difference $number, pgvector's: $expression");
}
is(join(' ', $page =~ /^\| (\d+) \|/mg), join(' ', map { $_->[0] } @different), 'the page has no other');

done_testing();
