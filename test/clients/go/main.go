// test/clients/go/main.go
//
//	pgx with pgvector-go: binary both ways, COPY, arrays of vectors.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// nearest gives the right distances at each rank, by brute force.
func nearest(people map[int64][]float32, query []float32) []float64 {
	var all []float64
	for _, labs := range people {
		sum := 0.0
		for i, x := range labs {
			sum += math.Pow(float64(x)-float64(query[i]), 2)
		}
		all = append(all, math.Sqrt(sum))
	}
	slices.Sort(all)
	return all[:neighbours]
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

func main() {
	conn, err := pgx.Connect(ctx, "")
	must(err)
	run := func(sql string, args ...any) {
		_, err := conn.Exec(ctx, sql, args...)
		must(err)
	}
	run("CREATE EXTENSION IF NOT EXISTS vectormed")
	must(pgxvec.RegisterTypes(ctx, conn))
	run("CREATE TABLE residents (id bigint PRIMARY KEY, labs vector(4))")

	people := load(os.Args[1])
	var rows [][]any
	for id, labs := range people {
		rows = append(rows, []any{id, pgvector.NewVector(labs)})
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"residents"}, []string{"id", "labs"}, pgx.CopyFromRows(rows))
	must(err)
	for id := range exact {
		run("INSERT INTO residents VALUES ($1, $2)", -1-id, pgvector.NewVector(exact[id]))
	}
	run("INSERT INTO residents VALUES (0, $1)", nil)

	read := 0
	found, err := conn.Query(ctx, "SELECT id, labs FROM residents WHERE labs IS NOT NULL")
	must(err)
	for found.Next() {
		var id int64
		var labs pgvector.Vector
		must(found.Scan(&id, &labs))
		want := people[id]
		if id < 0 {
			want = exact[-1-id]
		}
		if !same(labs.Slice(), want) {
			check("vectors read back exactly", false, labs)
		}
		read++
	}
	must(found.Err())
	check("every vector reads back exactly", read == len(people)+len(exact), read)
	null := collect[*pgvector.Vector](conn, "SELECT labs FROM residents WHERE id = 0")
	check("NULL stays NULL", len(null) == 1 && null[0] == nil, null)
	array := []pgvector.Vector{pgvector.NewVector(exact[0]), pgvector.NewVector(exact[1])}
	back := collect[[]pgvector.Vector](conn, "SELECT $1::vector[]", array)[0]
	check("an array of vectors comes back", len(back) == 2 && same(back[0].Slice(), exact[0]) &&
		same(back[1].Slice(), exact[1]), back)
	run("DELETE FROM residents WHERE id < 0")

	run("CREATE INDEX residents_labs ON residents USING balltree (labs vector_l2_ops) WITH (target_recall = 1)")
	run("ANALYZE residents")
	search := fmt.Sprintf("SELECT labs <-> $1 FROM residents ORDER BY 1 LIMIT %d", neighbours)
	for _, query := range queries {
		plan := strings.Join(collect[string](conn, "EXPLAIN "+search, pgvector.NewVector(query)), "\n")
		check("the plan is a scan of residents_labs",
			strings.Contains(plan, "Index Scan using residents_labs ") && !strings.Contains(plan, "Sort"), plan)
		got := collect[float64](conn, search, pgvector.NewVector(query))
		want := nearest(people, query)
		check("the nearest", slices.EqualFunc(got, want, func(g, w float64) bool {
			return math.Abs(g-w) <= 1e-9*w
		}), got)
	}

	_, err = conn.Exec(ctx, "INSERT INTO residents VALUES (-1, $1)", pgvector.NewVector([]float32{1, 2}))
	var fault *pgconn.PgError
	check("a wrong dimension is an error", errors.As(err, &fault) && fault.Code == "22000" &&
		strings.Contains(fault.Message, "expected 4 dimensions, not 2"), err)
	fmt.Printf("%d checks passed\n", checks)
}
