// test/clients/rust/src/bin/sqlx.rs
//		sqlx with pgvector-rust: every query prepared, binary both ways, many rows
//		by arrays, arrays of vectors; the same of halfvec, sparsevec and bit.
use pgvector::Vector;
use smoke::{halves, load, sparse, traits, vectors, Checks, Failure, Kind, EXACT, QUERIES};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgHasArrayType};
use sqlx::{AssertSqlSafe, ConnectOptions, Decode, Encode, Postgres, Type};

/// Rows by arrays and, where the id is negative, one by one; read back; and searched by the index.
async fn attempt<T>(conn: &mut PgConnection, checks: &mut Checks, kind: &Kind<T>) -> Result<(), Failure>
where
    T: for<'q> Encode<'q, Postgres> + for<'r> Decode<'r, Postgres> + Type<Postgres> + PgHasArrayType + Send + Unpin,
{
    sqlx::query(AssertSqlSafe(kind.create_table())).execute(&mut *conn).await?;
    let (ids, values): (Vec<i64>, Vec<T>) =
        kind.rows.iter().filter(|(id, _)| **id >= 0).map(|(id, row)| (*id, (kind.write)(row))).unzip();
    let many = format!("INSERT INTO {} SELECT * FROM unnest($1, $2)", kind.table);
    sqlx::query(AssertSqlSafe(many)).bind(ids).bind(values).execute(&mut *conn).await?;
    for (id, row) in kind.rows.iter().filter(|(id, _)| **id < 0) {
        let one = format!("INSERT INTO {} VALUES ($1, $2)", kind.table);
        sqlx::query(AssertSqlSafe(one)).bind(id).bind((kind.write)(row)).execute(&mut *conn).await?;
    }

    let all = format!("SELECT id, v FROM {}", kind.table);
    kind.check_same(checks, &sqlx::query_as(AssertSqlSafe(all)).fetch_all(&mut *conn).await?);
    sqlx::query(AssertSqlSafe(kind.create_index())).execute(&mut *conn).await?;
    sqlx::query(AssertSqlSafe(format!("ANALYZE {}", kind.table))).execute(&mut *conn).await?;
    for query in &QUERIES {
        let explain = AssertSqlSafe(format!("EXPLAIN {}", kind.search()));
        let plan = sqlx::query_scalar(explain).bind((kind.write)(query)).fetch_all(&mut *conn).await?;
        checks.plan(kind.table, &plan);
        let search = AssertSqlSafe(kind.search());
        let found = sqlx::query_scalar(search).bind((kind.write)(query)).fetch_all(&mut *conn).await?;
        kind.check_nearest(checks, query, &found);
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut checks = Checks(0);
    // From PGHOST and the other variables.
    let mut conn = PgConnectOptions::new().connect().await?;
    sqlx::query("CREATE EXTENSION IF NOT EXISTS vectormed").execute(&mut conn).await?;
    let people = load()?;
    attempt(&mut conn, &mut checks, &vectors(&people)).await?;
    attempt(&mut conn, &mut checks, &halves(&people)).await?;
    attempt(&mut conn, &mut checks, &sparse(&people)).await?;
    attempt(&mut conn, &mut checks, &traits(&people)).await?;

    let insert = "INSERT INTO residents VALUES ($1, $2)";
    sqlx::query(insert).bind(0_i64).bind(None::<Vector>).execute(&mut conn).await?;
    let null: Option<Vector> =
        sqlx::query_scalar("SELECT v FROM residents WHERE id = 0").fetch_one(&mut conn).await?;
    checks.check("NULL stays NULL", null.is_none(), &null);
    let array: Vec<Vector> = EXACT.iter().map(|v| Vector::from(v.to_vec())).collect();
    let back: Vec<Vector> = sqlx::query_scalar("SELECT $1::vector[]").bind(&array).fetch_one(&mut conn).await?;
    checks.check("an array of vectors comes back", back == array, &back);

    let wrong = sqlx::query(insert).bind(-9_i64).bind(Vector::from(vec![1.0, 2.0])).execute(&mut conn).await;
    let error = wrong.err().ok_or("a wrong dimension was taken")?;
    let fault = error.as_database_error().ok_or("not an error of the server")?;
    checks.wrong_dimension(&fault.code().unwrap_or_default(), fault.message());
    println!("{} checks passed", checks.0);
    Ok(())
}
