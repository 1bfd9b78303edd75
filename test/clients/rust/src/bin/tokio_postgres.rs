// test/clients/rust/src/bin/tokio_postgres.rs
//		The synchronous face of tokio-postgres with pgvector-rust: binary both
//		ways, binary COPY, arrays of vectors; the same of halfvec, sparsevec and bit.
use pgvector::Vector;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{FromSqlOwned, ToSql, Type};
use postgres::{Client, NoTls};
use smoke::{halves, load, sparse, traits, vectors, Checks, Failure, Kind, EXACT, QUERIES};
use std::env;

/// Rows by COPY and, where the id is negative, one by one; read back; and searched by the index.
fn attempt<T: ToSql + FromSqlOwned + Sync>(
    client: &mut Client, checks: &mut Checks, kind: &Kind<T>,
) -> Result<(), Failure> {
    client.batch_execute(&kind.create_table())?;
    let column: Type = client.prepare(&format!("SELECT v FROM {}", kind.table))?.columns()[0].type_().clone();
    checks.check("the type is found by its name", kind.name.starts_with(column.name()), &column);
    let writer = client.copy_in(&format!("COPY {} FROM STDIN WITH (FORMAT BINARY)", kind.table))?;
    let mut writer = BinaryCopyInWriter::new(writer, &[Type::INT8, column]);
    for (id, row) in kind.rows.iter().filter(|(id, _)| **id >= 0) {
        writer.write(&[id, &(kind.write)(row)])?;
    }
    writer.finish()?;
    for (id, row) in kind.rows.iter().filter(|(id, _)| **id < 0) {
        client.execute(&format!("INSERT INTO {} VALUES ($1, $2)", kind.table), &[id, &(kind.write)(row)])?;
    }

    let rows = client.query(&format!("SELECT id, v FROM {}", kind.table), &[])?;
    kind.check_same(checks, &rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<_>>());
    client.batch_execute(&format!("{}; ANALYZE {}", kind.create_index(), kind.table))?;
    for query in &QUERIES {
        let parameter = (kind.write)(query);
        let plan = client.query(&format!("EXPLAIN {}", kind.search()), &[&parameter])?;
        checks.plan(kind.table, &plan.iter().map(|row| row.get(0)).collect::<Vec<_>>());
        let found = client.query(&kind.search(), &[&parameter])?;
        kind.check_nearest(checks, query, &found.iter().map(|row| row.get(0)).collect::<Vec<_>>());
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut checks = Checks(0);
    let variable = |name| env::var(name);
    let mut client = Client::connect(
        &format!("host='{}' port={} user={} dbname={}", variable("PGHOST")?, variable("PGPORT")?,
            variable("PGUSER")?, variable("PGDATABASE")?), NoTls)?;
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS vectormed")?;
    let people = load()?;
    attempt(&mut client, &mut checks, &vectors(&people))?;
    attempt(&mut client, &mut checks, &halves(&people))?;
    attempt(&mut client, &mut checks, &sparse(&people))?;
    attempt(&mut client, &mut checks, &traits(&people))?;

    client.execute("INSERT INTO residents VALUES (0, $1)", &[&None::<Vector>])?;
    let null: Option<Vector> = client.query_one("SELECT v FROM residents WHERE id = 0", &[])?.get(0);
    checks.check("NULL stays NULL", null.is_none(), &null);
    let array: Vec<Vector> = EXACT.iter().map(|v| Vector::from(v.to_vec())).collect();
    let back: Vec<Vector> = client.query_one("SELECT $1::vector[]", &[&array])?.get(0);
    checks.check("an array of vectors comes back", back == array, &back);

    let wrong = client.execute("INSERT INTO residents VALUES (-9, $1)", &[&Vector::from(vec![1.0, 2.0])]);
    let error = wrong.err().ok_or("a wrong dimension was taken")?;
    let fault = error.as_db_error().ok_or("not an error of the server")?;
    checks.wrong_dimension(fault.code().code(), fault.message());
    println!("{} checks passed", checks.0);
    Ok(())
}
