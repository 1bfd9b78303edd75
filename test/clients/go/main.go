// test/clients/go/main.go
//
//	pgx with pgvector-go: binary both ways, COPY, arrays of vectors; the same of
//	halfvec, sparsevec and bit.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
)

const neighbours = 10

var (
	ctx     = context.Background()
	checks  = 0
	queries = [][]float32{{97, 5.7, 4.86, 1.7}, {65, 1.5, 1.6, 0.9}, {71, 4.2, 3.9, 5.5}}
	exact   = [][]float32{
		{0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, math.MaxFloat32},
		{16777216, 0.1, 1.0 / 3, -1.1754944e-38}}
	exactHalves = [][]float32{{0, float32(math.Copysign(0, -1)), 0x1p-24, 65504}, {0.1, -1.0 / 3, 2049, 1.00048828125}}
	// a resident among dimensions that are mostly 0
	sparseDim = int32(60)
	places    = []int32{0, 7, 20, 59}
	// what a measure is above, as a string of bits
	levels = [][]float32{{60, 70, 80, 90}, {1, 1.5, 2, 4}, {1, 1.5, 2, 4}, {0.8, 1, 1.2, 2}}
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func check(what string, good bool, detail any) {
	if !good {
		must(fmt.Errorf("FAILED: %s: %v", what, detail))
	}
	checks++
	fmt.Printf("ok %d - %s\n", checks, what)
}

// load gives those whose creatinine was measured, by id.
func load(path string) map[int64][]float32 {
	file, err := os.Open(path)
	must(err)
	rows, err := csv.NewReader(file).ReadAll()
	must(err)
	people := map[int64][]float32{}
	for _, row := range rows[1:] {
		var labs []float32
		for _, name := range []string{"age", "kappa", "lambda", "creatinine"} {
			value, err := strconv.ParseFloat(row[slices.Index(rows[0], name)], 32)
			if err == nil {
				labs = append(labs, float32(value))
			}
		}
		if len(labs) == 4 {
			id, err := strconv.ParseInt(row[0], 10, 64)
			must(err)
			people[id] = labs
		}
	}
	return people
}

func l2(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += math.Pow(float64(x)-float64(b[i]), 2)
	}
	return math.Sqrt(sum)
}

func cosine(a, b []float32) float64 {
	dot, normA, normB := 0.0, 0.0, 0.0
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, normA, normB = dot+x*y, normA+x*x, normB+y*y
	}
	return 1 - dot/math.Sqrt(normA*normB)
}

// jaccard is of strings of bits, as 0 and 1.
func jaccard(a, b []float32) float64 {
	either, both := 0.0, 0.0
	for i := range a {
		either += float64(max(a[i], b[i]))
		both += float64(min(a[i], b[i]))
	}
	return 1 - both/either
}

// half rounds to halves, ties to the even one.
func half(vector []float32) []float32 {
	rounded := make([]float32, len(vector))
	for i, x := range vector {
		_, exponent := math.Frexp(float64(x))
		step := math.Ldexp(1, max(exponent-11, -24))
		rounded[i] = float32(math.RoundToEven(float64(x)/step) * step)
	}
	return rounded
}

func toSparse(vector []float32) pgvector.SparseVector {
	elements := map[int32]float32{}
	for i, place := range places {
		elements[place] = vector[i]
	}
	return pgvector.NewSparseVectorFromMap(elements, sparseDim)
}

// ofSparse gives the resident's numbers, and none where there are others.
func ofSparse(sparse pgvector.SparseVector) []float32 {
	vector := make([]float32, len(places))
	for i, place := range sparse.Indices() {
		at := slices.Index(places, place)
		if at < 0 || sparse.Dimensions() != sparseDim {
			return nil
		}
		vector[at] = sparse.Values()[i]
	}
	return vector
}

// unsigned is of a sparsevec, which has no zeros and so none that is negative.
func unsigned(vector []float32) []float32 {
	return ofSparse(toSparse(vector))
}

// traits is a resident as a string of bits, as 0 and 1.
func traits(vector []float32) []float32 {
	var bits []float32
	for i, x := range vector {
		for _, level := range levels[i] {
			bit := float32(0)
			if x > level {
				bit = 1
			}
			bits = append(bits, bit)
		}
	}
	return bits
}

func toBits(vector []float32) pgtype.Bits {
	bits := traits(vector)
	packed := make([]byte, len(bits)/8)
	for i, bit := range bits {
		packed[i/8] |= byte(bit) << (7 - i%8)
	}
	return pgtype.Bits{Bytes: packed, Len: int32(len(bits)), Valid: true}
}

func ofBits(packed pgtype.Bits) []float32 {
	bits := make([]float32, packed.Len)
	for i := range bits {
		bits[i] = float32(packed.Bytes[i/8] >> (7 - i%8) & 1)
	}
	return bits
}

// same is true where every bit is, in which -0 and 0 differ.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y)
	})
}

func collect[T any](conn *pgx.Conn, sql string, args ...any) []T {
	rows, err := conn.Query(ctx, sql, args...)
	must(err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	must(err)
	return values
}

func run(conn *pgx.Conn, sql string, args ...any) {
	_, err := conn.Exec(ctx, sql, args...)
	must(err)
}

// kind is a type with one of its measures: how a vector of ours is written in it and
// read, and what is then read, by which brute force measures.
type kind[T any] struct {
	table, name, operator, opclass string
	write                          func([]float32) T
	read                           func(T) []float32
	round                          func([]float32) []float32
	metric                         func(a, b []float32) float64
}

// fill inserts rows, by COPY and, where the id is negative, one by one; reads them back; and builds the index.
func (k kind[T]) fill(conn *pgx.Conn, rows map[int64][]float32) {
	run(conn, fmt.Sprintf("CREATE TABLE %s (id bigint PRIMARY KEY, v %s)", k.table, k.name))
	var copied [][]any
	for id, row := range rows {
		if id < 0 {
			run(conn, fmt.Sprintf("INSERT INTO %s VALUES ($1, $2)", k.table), id, k.write(row))
		} else {
			copied = append(copied, []any{id, k.write(row)})
		}
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{k.table}, []string{"id", "v"}, pgx.CopyFromRows(copied))
	must(err)

	read := 0
	found, err := conn.Query(ctx, "SELECT id, v FROM "+k.table)
	must(err)
	for found.Next() {
		var id int64
		var value T
		must(found.Scan(&id, &value))
		if !same(k.read(value), k.round(rows[id])) {
			check("a "+k.name+" reads back exactly", false, value)
		}
		read++
	}
	must(found.Err())
	check("every "+k.name+" reads back exactly", read == len(rows), read)
	run(conn, fmt.Sprintf("CREATE INDEX %s_v ON %s USING balltree (v %s) WITH (target_recall = 1)",
		k.table, k.table, k.opclass))
	run(conn, "ANALYZE "+k.table)
}

func (k kind[T]) search(conn *pgx.Conn, rows map[int64][]float32, query []float32) {
	sql := fmt.Sprintf("SELECT v %s $1 FROM %s ORDER BY 1 LIMIT %d", k.operator, k.table, neighbours)
	plan := strings.Join(collect[string](conn, "EXPLAIN "+sql, k.write(query)), "\n")
	check("the plan is a scan of "+k.table+"_v",
		strings.Contains(plan, "Index Scan using "+k.table+"_v ") && !strings.Contains(plan, "Sort"), plan)
	got := collect[float64](conn, sql, k.write(query))
	want := k.nearest(rows, query)
	check("the nearest of "+k.name, slices.EqualFunc(got, want, func(g, w float64) bool {
		return math.Abs(g-w) <= 1e-9*w+1e-12
	}), fmt.Sprint(got, " and not ", want))
}

// nearest gives the right distances at each rank, by brute force.
func (k kind[T]) nearest(rows map[int64][]float32, query []float32) []float64 {
	var all []float64
	for _, row := range rows {
		all = append(all, k.metric(k.round(row), k.round(query)))
	}
	slices.Sort(all)
	return all[:neighbours]
}

func (k kind[T]) try(conn *pgx.Conn, people map[int64][]float32, extreme [][]float32) {
	rows := maps.Clone(people)
	for i, vector := range extreme {
		rows[int64(-1-i)] = vector
	}
	k.fill(conn, rows)
	for _, query := range queries {
		k.search(conn, rows, query)
	}
}

func main() {
	conn, err := pgx.Connect(ctx, "")
	must(err)
	run(conn, "CREATE EXTENSION IF NOT EXISTS vectormed")
	must(pgxvec.RegisterTypes(ctx, conn))
	people := load(os.Args[1])

	kind[pgvector.Vector]{"residents", "vector(4)", "<->", "vector_l2_ops",
		pgvector.NewVector, pgvector.Vector.Slice, slices.Clone[[]float32], l2}.try(conn, people, exact)
	kind[pgvector.HalfVector]{"halves", "halfvec(4)", "<->", "halfvec_l2_ops",
		pgvector.NewHalfVector, pgvector.HalfVector.Slice, half, l2}.try(conn, people, exactHalves)
	kind[pgvector.SparseVector]{"sparse", "sparsevec(60)", "<=>", "sparsevec_cosine_ops",
		toSparse, ofSparse, unsigned, cosine}.try(conn, people, exact)
	kind[pgtype.Bits]{"traits", "bit(16)", "<%>", "bit_jaccard_ops",
		toBits, ofBits, traits, jaccard}.try(conn, people, nil)

	run(conn, "INSERT INTO residents VALUES (0, $1)", nil)
	null := collect[*pgvector.Vector](conn, "SELECT v FROM residents WHERE id = 0")
	check("NULL stays NULL", len(null) == 1 && null[0] == nil, null)
	array := []pgvector.Vector{pgvector.NewVector(exact[0]), pgvector.NewVector(exact[1])}
	back := collect[[]pgvector.Vector](conn, "SELECT $1::vector[]", array)[0]
	check("an array of vectors comes back", len(back) == 2 && same(back[0].Slice(), exact[0]) &&
		same(back[1].Slice(), exact[1]), back)

	_, err = conn.Exec(ctx, "INSERT INTO residents VALUES (-9, $1)", pgvector.NewVector([]float32{1, 2}))
	var fault *pgconn.PgError
	check("a wrong dimension is an error", errors.As(err, &fault) && fault.Code == "22000" &&
		strings.Contains(fault.Message, "expected 4 dimensions, not 2"), err)
	fmt.Printf("%d checks passed\n", checks)
}
