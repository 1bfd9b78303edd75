// test/clients/rust/src/main.rs
//		The synchronous face of tokio-postgres with pgvector-rust: binary both
//		ways, binary COPY, arrays of vectors.
use pgvector::Vector;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use postgres::{Client, NoTls};
use std::collections::HashMap;
use std::env;
use std::error::Error;

const NEIGHBOURS: usize = 10;
const QUERIES: [[f32; 4]; 3] = [[97.0, 5.7, 4.86, 1.7], [65.0, 1.5, 1.6, 0.9], [71.0, 4.2, 3.9, 5.5]];
const EXACT: [[f32; 4]; 2] = [[0.0, -0.0, 1e-45, f32::MAX], [16777216.0, 0.1, 1.0 / 3.0, -f32::MIN_POSITIVE]];

struct Checks(usize);

impl Checks {
    fn check(&mut self, what: &str, good: bool, detail: &dyn std::fmt::Debug) {
        assert!(good, "FAILED: {what}: {detail:?}");
        self.0 += 1;
        println!("ok {} - {what}", self.0);
    }
}

/// Those whose creatinine was measured, by id.
fn load(path: &str) -> Result<HashMap<i64, Vec<f32>>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines().map(|line| line.trim_end().split(',').collect::<Vec<_>>());
    let head = lines.next().ok_or("no header")?;
    let columns: Vec<usize> = ["age", "kappa", "lambda", "creatinine"]
        .iter()
        .filter_map(|name| head.iter().position(|column| column == name))
        .collect();
    let mut people = HashMap::new();
    for row in lines {
        let labs: Vec<f32> = columns.iter().filter_map(|&i| row[i].parse().ok()).collect();
        if labs.len() == 4 {
            people.insert(row[0].parse()?, labs);
        }
    }
    Ok(people)
}

/// The right distances at each rank, by brute force.
fn nearest(people: &HashMap<i64, Vec<f32>>, query: &[f32]) -> Vec<f64> {
    let distance = |v: &Vec<f32>| {
        v.iter().zip(query).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2)).sum::<f64>().sqrt()
    };
    let mut all: Vec<f64> = people.values().map(distance).collect();
    all.sort_by(f64::total_cmp);
    all.truncate(NEIGHBOURS);
    all
}

/// Every bit of it, in which -0 and 0 differ.
fn bits(vector: &[f32]) -> Vec<u32> {
    vector.iter().map(|x| x.to_bits()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut checks = Checks(0);
    let variable = |name| env::var(name);
    let mut client = Client::connect(
        &format!("host='{}' port={} user={} dbname={}", variable("PGHOST")?, variable("PGPORT")?,
            variable("PGUSER")?, variable("PGDATABASE")?), NoTls)?;
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS vectormed;
        CREATE TABLE residents (id bigint PRIMARY KEY, labs vector(4))")?;

    let people = load(&env::args().nth(1).ok_or("no path")?)?;
    let column: Type = client.prepare("SELECT labs FROM residents")?.columns()[0].type_().clone();
    checks.check("the type is found by its name", column.name() == "vector", &column);
    let writer = client.copy_in("COPY residents FROM STDIN WITH (FORMAT BINARY)")?;
    let mut writer = BinaryCopyInWriter::new(writer, &[Type::INT8, column]);
    for (id, labs) in &people {
        writer.write(&[id, &Vector::from(labs.clone())])?;
    }
    writer.finish()?;
    for (i, vector) in EXACT.iter().enumerate() {
        client.execute("INSERT INTO residents VALUES ($1, $2)",
            &[&(-1 - i as i64), &Vector::from(vector.to_vec())])?;
    }
    client.execute("INSERT INTO residents VALUES (0, $1)", &[&None::<Vector>])?;

    let rows = client.query("SELECT id, labs FROM residents WHERE labs IS NOT NULL", &[])?;
    let good = rows.iter().all(|row| {
        let (id, labs): (i64, Vector) = (row.get(0), row.get(1));
        let want = if id < 0 { EXACT[(-1 - id) as usize].to_vec() } else { people[&id].clone() };
        bits(labs.as_slice()) == bits(&want)
    });
    checks.check("every vector reads back exactly", good && rows.len() == people.len() + EXACT.len(), &rows.len());
    let null: Option<Vector> = client.query_one("SELECT labs FROM residents WHERE id = 0", &[])?.get(0);
    checks.check("NULL stays NULL", null.is_none(), &null);
    let array: Vec<Vector> = EXACT.iter().map(|v| Vector::from(v.to_vec())).collect();
    let back: Vec<Vector> = client.query_one("SELECT $1::vector[]", &[&array])?.get(0);
    checks.check("an array of vectors comes back", back == array, &back);

    client.batch_execute("DELETE FROM residents WHERE id < 0;
        CREATE INDEX residents_labs ON residents USING balltree (labs vector_l2_ops) WITH (target_recall = 1);
        ANALYZE residents")?;
    let search = format!("SELECT labs <-> $1 FROM residents ORDER BY 1 LIMIT {NEIGHBOURS}");
    for query in QUERIES {
        let parameter = Vector::from(query.to_vec());
        let plan: Vec<String> =
            client.query(&format!("EXPLAIN {search}"), &[&parameter])?.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        checks.check("the plan is a scan of residents_labs",
            plan.contains("Index Scan using residents_labs ") && !plan.contains("Sort"), &plan);
        let got: Vec<f64> = client.query(&search, &[&parameter])?.iter().map(|row| row.get(0)).collect();
        let want = nearest(&people, &query);
        let good = got.len() == want.len() && got.iter().zip(&want).all(|(g, w)| (g - w).abs() <= 1e-9 * w);
        checks.check("the nearest", good, &(got, want));
    }

    let wrong = client.execute("INSERT INTO residents VALUES (-1, $1)", &[&Vector::from(vec![1.0, 2.0])]);
    let error = wrong.err().ok_or("a wrong dimension was taken")?;
    let fault = error.as_db_error().ok_or("not an error of the server")?;
    checks.check("a wrong dimension is an error",
        fault.code().code() == "22000" && fault.message().contains("expected 4 dimensions, not 2"), &fault);
    println!("{} checks passed", checks.0);
    Ok(())
}
