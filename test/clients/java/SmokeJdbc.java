// test/clients/java/SmokeJdbc.java
//		JDBC with pgvector-java: batches, the statement prepared on the server (from
//		then on values come in binary); the same of halfvec, sparsevec and bit.
import com.pgvector.PGbit;
import com.pgvector.PGhalfvec;
import com.pgvector.PGsparsevec;
import com.pgvector.PGvector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.function.UnaryOperator;

class SmokeJdbc {
    /** A type with one of its measures: how a vector of ours is written in it and read, and what is then read. */
    record Kind(String table, String name, String operator, String opclass, Function<float[], Object> write,
            Function<Object, float[]> read, UnaryOperator<float[]> round,
            ToDoubleBiFunction<float[], float[]> metric) {
        void insert(Connection conn, Map<Long, float[]> rows) throws SQLException {
            try (PreparedStatement statement = conn.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
                for (Map.Entry<Long, float[]> entry : rows.entrySet()) {
                    statement.setLong(1, entry.getKey());
                    statement.setObject(2, write.apply(entry.getValue()));
                    statement.addBatch();
                }
                statement.executeBatch();
            }
        }

        Map<Long, float[]> readBack(PreparedStatement statement) throws SQLException {
            Map<Long, float[]> got = new TreeMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    got.put(rows.getLong(1), read.apply(rows.getObject(2)));
                }
            }
            return got;
        }

        List<Double> search(PreparedStatement statement, float[] query) throws SQLException {
            List<Double> got = new ArrayList<>();
            statement.setObject(1, write.apply(query));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    got.add(rows.getDouble(1));
                }
            }
            return got;
        }

        String explain(Connection conn, String sql, float[] query) throws SQLException {
            StringBuilder plan = new StringBuilder();
            try (PreparedStatement statement = conn.prepareStatement("EXPLAIN " + sql)) {
                statement.setObject(1, write.apply(query));
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        plan.append(rows.getString(1)).append('\n');
                    }
                }
            }
            return plan.toString();
        }

        void fill(Connection conn, Map<Long, float[]> rows) throws SQLException {
            try (Statement statement = conn.createStatement()) {
                statement.execute("CREATE TABLE " + table + " (id bigint PRIMARY KEY, v " + name + ")");
                insert(conn, rows);
                statement.execute("CREATE INDEX " + table + "_v ON " + table + " USING balltree (v " + opclass
                    + ") WITH (target_recall = 1)");
                statement.execute("ANALYZE " + table);
            }
        }

        void attempt(Connection conn, Map<Long, float[]> people, float[][] extreme) throws SQLException {
            Map<Long, float[]> rows = new TreeMap<>(people);
            for (int i = 0; i < extreme.length; i++) {
                rows.put(-1L - i, extreme[i]);
            }
            fill(conn, rows);
            rows.replaceAll((id, vector) -> round.apply(vector));
            String sql = "SELECT v " + operator + " ? FROM " + table + " ORDER BY 1 LIMIT " + Residents.NEIGHBOURS;
            try (PreparedStatement all = conn.prepareStatement("SELECT id, v FROM " + table);
                 PreparedStatement nearest = conn.prepareStatement(sql)) {
                // The driver prepares a statement on the server at its fifth run, unless told otherwise.
                for (int run = 0; run < 7; run++) {
                    Residents.checkSame("every " + name + " reads back exactly, run " + run, readBack(all), rows);
                    for (float[] query : Residents.QUERIES) {
                        Residents.checkNearest("the nearest of " + name + ", run " + run, search(nearest, query), rows,
                            round.apply(query), metric);
                    }
                }
            }
            for (float[] query : Residents.QUERIES) {
                Residents.checkPlan(table + "_v", explain(conn, sql, query));
            }
        }
    }

    static final Kind VECTOR = new Kind("residents", "vector(4)", "<->", "vector_l2_ops", PGvector::new,
        value -> ((PGvector) value).toArray(), v -> v, Residents::l2);
    static final Kind HALFVEC = new Kind("halves", "halfvec(4)", "<->", "halfvec_l2_ops", PGhalfvec::new,
        value -> ((PGhalfvec) value).toArray(), Residents::half, Residents::l2);
    static final Kind SPARSEVEC = new Kind("sparse", "sparsevec(60)", "<=>", "sparsevec_cosine_ops",
        SmokeJdbc::toSparse, value -> ofSparse((PGsparsevec) value), vector -> ofSparse(toSparse(vector)),
        Residents::cosine);
    static final Kind BIT = new Kind("traits", "bit(16)", "<%>", "bit_jaccard_ops", SmokeJdbc::toBits,
        value -> ofBits((PGbit) value), Residents::traits, Residents::jaccard);

    static PGsparsevec toSparse(float[] vector) {
        Map<Integer, Float> elements = new TreeMap<>();
        for (int i = 0; i < vector.length; i++) {
            elements.put(Residents.PLACES[i], vector[i]);
        }
        return new PGsparsevec(elements, Residents.SPARSE_DIM);
    }

    /** A sparsevec has no zeros, and so none that is negative. */
    static float[] ofSparse(PGsparsevec sparse) {
        float[] vector = new float[Residents.PLACES.length];
        float[] all = sparse.toArray();
        int others = sparse.getIndices().length;
        for (int i = 0; i < vector.length; i++) {
            vector[i] = all[Residents.PLACES[i]];
            others -= vector[i] != 0 ? 1 : 0;
        }
        return others == 0 && all.length == Residents.SPARSE_DIM ? vector : null;
    }

    static PGbit toBits(float[] vector) {
        float[] traits = Residents.traits(vector);
        boolean[] bits = new boolean[traits.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = traits[i] == 1;
        }
        return new PGbit(bits);
    }

    static float[] ofBits(PGbit value) {
        boolean[] bits = value.toArray();
        float[] vector = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            vector[i] = bits[i] ? 1 : 0;
        }
        return vector;
    }

    static void others(Connection conn) throws SQLException {
        try (Statement statement = conn.createStatement()) {
            statement.execute("INSERT INTO residents VALUES (0, NULL)");
            try (ResultSet rows = statement.executeQuery("SELECT v FROM residents WHERE id = 0")) {
                Residents.check("NULL stays NULL", rows.next() && rows.getObject(1) == null, "");
            }
        }
        try {
            VECTOR.insert(conn, Map.of(-9L, new float[] {1, 2}));
        } catch (SQLException error) {
            SQLException cause = error.getNextException() == null ? error : error.getNextException();
            Residents.checkError(cause.getSQLState(), cause.getMessage());
            return;
        }
        Residents.check("a wrong dimension is an error", false, "");
    }

    public static void main(String[] args) throws Exception {
        Map<Long, float[]> people = Residents.load(args[0]);
        try (Connection conn = DriverManager.getConnection(Residents.url(), System.getenv("PGUSER"),
                System.getenv("PGPASSWORD"))) {
            try (Statement statement = conn.createStatement()) {
                statement.execute("CREATE EXTENSION IF NOT EXISTS vectormed");
            }
            PGvector.registerTypes(conn);
            PGbit.registerType(conn);
            VECTOR.attempt(conn, people, Residents.EXACT);
            HALFVEC.attempt(conn, people, Residents.EXACT_HALVES);
            SPARSEVEC.attempt(conn, people, Residents.EXACT);
            BIT.attempt(conn, people, new float[0][]);
            others(conn);
        }
        Residents.done();
    }
}
