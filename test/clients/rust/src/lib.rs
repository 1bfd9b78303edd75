// test/clients/rust/src/lib.rs
//		What the clients of Rust share: the residents of data/flchain, how they are
//		written in each type, the right answers by brute force, and the checks with
//		their count; the counterpart of python/residents.py.
use pgvector::{Bit, HalfVector, SparseVector, Vector};
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;

pub const NEIGHBOURS: usize = 10;
pub const QUERIES: [[f32; 4]; 3] = [[97.0, 5.7, 4.86, 1.7], [65.0, 1.5, 1.6, 0.9], [71.0, 4.2, 3.9, 5.5]];
pub const EXACT: [[f32; 4]; 2] = [[0.0, -0.0, 1e-45, f32::MAX], [16777216.0, 0.1, 1.0 / 3.0, -f32::MIN_POSITIVE]];
const EXACT_HALVES: [[f32; 4]; 2] = [[0.0, -0.0, 5.960_464_5e-8, 65504.0], [0.1, -1.0 / 3.0, 2049.0, 1.000_488_3]];
// A resident among dimensions that are mostly 0.
const SPARSE_DIM: i32 = 60;
const PLACES: [i32; 4] = [0, 7, 20, 59];
// What a measure is above, as a string of bits.
const LEVELS: [[f32; 4]; 4] =
    [[60.0, 70.0, 80.0, 90.0], [1.0, 1.5, 2.0, 4.0], [1.0, 1.5, 2.0, 4.0], [0.8, 1.0, 1.2, 2.0]];

pub type Rows = HashMap<i64, Vec<f32>>;
pub type Failure = Box<dyn Error>;

pub struct Checks(pub usize);

impl Checks {
    pub fn check(&mut self, what: &str, good: bool, detail: &dyn Debug) {
        assert!(good, "FAILED: {what}: {detail:?}");
        self.0 += 1;
        println!("ok {} - {what}", self.0);
    }

    pub fn plan(&mut self, table: &str, plan: &[String]) {
        let plan = plan.join("\n");
        let good = plan.contains(&format!("Index Scan using {table}_v ")) && !plan.contains("Sort");
        self.check(&format!("the plan is a scan of {table}_v"), good, &plan);
    }

    /// Of an error of the server, what clients pass on.
    pub fn wrong_dimension(&mut self, code: &str, message: &str) {
        let good = code == "22000" && message.contains("expected 4 dimensions, not 2");
        self.check("a wrong dimension is an error", good, &(code, message));
    }
}

/// A type with one of its measures: how a vector of ours is written in it and read, and
/// what is then read, by which brute force measures.
pub struct Kind<T> {
    pub table: &'static str,
    pub name: &'static str,
    pub operator: &'static str,
    pub opclass: &'static str,
    pub write: fn(&[f32]) -> T,
    pub read: fn(&T) -> Vec<f32>,
    round: fn(&[f32]) -> Vec<f32>,
    metric: fn(&[f32], &[f32]) -> f64,
    pub rows: Rows,
}

impl<T> Kind<T> {
    pub fn create_table(&self) -> String {
        format!("CREATE TABLE {} (id bigint PRIMARY KEY, v {})", self.table, self.name)
    }

    pub fn create_index(&self) -> String {
        format!("CREATE INDEX {0}_v ON {0} USING balltree (v {1}) WITH (target_recall = 1)", self.table, self.opclass)
    }

    pub fn search(&self) -> String {
        format!("SELECT v {} $1 FROM {} ORDER BY 1 LIMIT {NEIGHBOURS}", self.operator, self.table)
    }

    /// By the bits of each number, in which -0 and 0 differ.
    pub fn check_same(&self, checks: &mut Checks, got: &[(i64, T)]) {
        let bits = |vector: &[f32]| vector.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let good = got.len() == self.rows.len()
            && got.iter().all(|(id, value)| bits(&(self.read)(value)) == bits(&(self.round)(&self.rows[id])));
        checks.check(&format!("every {} reads back exactly", self.name), good, &got.len());
    }

    /// By distance at each rank, since ties may swap rows.
    pub fn check_nearest(&self, checks: &mut Checks, query: &[f32], got: &[f64]) {
        let near = (self.round)(query);
        let mut want: Vec<f64> = self.rows.values().map(|row| (self.metric)(&(self.round)(row), &near)).collect();
        want.sort_by(f64::total_cmp);
        want.truncate(NEIGHBOURS);
        let good = got.len() == want.len() && got.iter().zip(&want).all(|(g, w)| (g - w).abs() <= 1e-9 * w + 1e-12);
        checks.check(&format!("the nearest of {}", self.name), good, &(got, want));
    }
}

/// Residents and extreme vectors, whose ids are negative.
fn with(people: &Rows, extreme: &[[f32; 4]]) -> Rows {
    let mut rows = people.clone();
    rows.extend((1..).zip(extreme).map(|(id, vector)| (-id, vector.to_vec())));
    rows
}

pub fn vectors(people: &Rows) -> Kind<Vector> {
    Kind {
        table: "residents", name: "vector(4)", operator: "<->", opclass: "vector_l2_ops",
        write: |v| Vector::from(v.to_vec()), read: |v| v.to_vec(), round: |v| v.to_vec(), metric: l2,
        rows: with(people, &EXACT),
    }
}

pub fn halves(people: &Rows) -> Kind<HalfVector> {
    Kind {
        table: "halves", name: "halfvec(4)", operator: "<->", opclass: "halfvec_l2_ops",
        write: HalfVector::from_f32_slice, read: |v| v.as_slice().iter().map(|x| x.to_f32()).collect(), round: half,
        metric: l2, rows: with(people, &EXACT_HALVES),
    }
}

pub fn sparse(people: &Rows) -> Kind<SparseVector> {
    Kind {
        table: "sparse", name: "sparsevec(60)", operator: "<=>", opclass: "sparsevec_cosine_ops",
        // A sparsevec has no zeros, and so none that is negative.
        write: to_sparse, read: of_sparse, round: |v| of_sparse(&to_sparse(v)), metric: cosine,
        rows: with(people, &EXACT),
    }
}

pub fn traits(people: &Rows) -> Kind<Bit> {
    Kind {
        table: "traits", name: "bit(16)", operator: "<%>", opclass: "bit_jaccard_ops",
        write: to_bits, read: of_bits, round: above, metric: jaccard, rows: with(people, &[]),
    }
}

/// Those whose creatinine was measured, by id.
pub fn load() -> Result<Rows, Failure> {
    let text = std::fs::read_to_string(std::env::args().nth(1).ok_or("no path")?)?;
    let mut lines = text.lines().map(|line| line.trim_end().split(',').collect::<Vec<_>>());
    let head = lines.next().ok_or("no header")?;
    let columns: Vec<usize> = ["age", "kappa", "lambda", "creatinine"]
        .iter()
        .filter_map(|name| head.iter().position(|column| column == name))
        .collect();
    let mut people = Rows::new();
    for row in lines {
        let labs: Vec<f32> = columns.iter().filter_map(|&i| row[i].parse().ok()).collect();
        if labs.len() == 4 {
            people.insert(row[0].parse()?, labs);
        }
    }
    Ok(people)
}

fn pairs<'a>(a: &'a [f32], b: &'a [f32]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter().zip(b).map(|(&x, &y)| (f64::from(x), f64::from(y)))
}

fn l2(a: &[f32], b: &[f32]) -> f64 {
    pairs(a, b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let product = |a, b| pairs(a, b).map(|(x, y)| x * y).sum::<f64>();
    1.0 - product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

/// Of strings of bits, as 0 and 1.
fn jaccard(a: &[f32], b: &[f32]) -> f64 {
    let both: f64 = pairs(a, b).map(|(x, y)| x.min(y)).sum();
    1.0 - both / pairs(a, b).map(|(x, y)| x.max(y)).sum::<f64>()
}

/// To halves, ties to the even one.
fn half(vector: &[f32]) -> Vec<f32> {
    let round = |&x: &f32| {
        let exponent = if x == 0.0 { -14.0 } else { x.abs().log2().floor().max(-14.0) };
        let step = (exponent - 10.0).exp2();
        (x / step).round_ties_even() * step
    };
    vector.iter().map(round).collect()
}

fn to_sparse(vector: &[f32]) -> SparseVector {
    SparseVector::from_map(&PLACES.iter().copied().zip(vector.iter().copied()).collect::<HashMap<_, _>>(), SPARSE_DIM)
}

/// The resident's numbers, and none where there are others.
fn of_sparse(sparse: &SparseVector) -> Vec<f32> {
    if sparse.dimensions() != SPARSE_DIM || sparse.indices().iter().any(|place| !PLACES.contains(place)) {
        return Vec::new();
    }
    let dense = sparse.to_vec();
    PLACES.iter().map(|&place| dense[place as usize]).collect()
}

/// A resident as a string of bits, as 0 and 1.
fn above(vector: &[f32]) -> Vec<f32> {
    vector.iter().zip(LEVELS).flat_map(|(&x, levels)| levels.map(|level| f32::from(u8::from(x > level)))).collect()
}

fn to_bits(vector: &[f32]) -> Bit {
    Bit::new(&above(vector).iter().map(|&bit| bit == 1.0).collect::<Vec<_>>())
}

fn of_bits(bits: &Bit) -> Vec<f32> {
    (0..bits.len()).map(|i| f32::from(bits.as_bytes()[i / 8] >> (7 - i % 8) & 1)).collect()
}
