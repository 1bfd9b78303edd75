// test/clients/java/Smoke.java
//		JDBC with pgvector-java: batches, the statement prepared on the server (from
//		then on values come in binary), arrays of vectors.
import com.pgvector.PGvector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class Smoke {
    static final int NEIGHBOURS = 10;
    static final float[][] QUERIES = {{97, 5.7f, 4.86f, 1.7f}, {65, 1.5f, 1.6f, 0.9f}, {71, 4.2f, 3.9f, 5.5f}};
    static final float[][] EXACT = {
        {0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE}, {16777216f, 0.1f, 1f / 3, -Float.MIN_NORMAL}};
    static int checks = 0;

    static void check(String what, boolean good, Object detail) {
        if (!good) {
            throw new AssertionError("FAILED: " + what + ": " + detail);
        }
        System.out.println("ok " + ++checks + " - " + what);
    }

    /** Those whose creatinine was measured, by id. */
    static Map<Long, float[]> load(String path) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(path));
        List<String> head = Arrays.asList(lines.get(0).trim().split(","));
        Map<Long, float[]> people = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] row = line.trim().split(",", -1);
            if (!row[head.indexOf("creatinine")].isEmpty()) {
                float[] labs = new float[4];
                int i = 0;
                for (String name : List.of("age", "kappa", "lambda", "creatinine")) {
                    labs[i++] = Float.parseFloat(row[head.indexOf(name)]);
                }
                people.put(Long.parseLong(row[0]), labs);
            }
        }
        return people;
    }

    static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - (double) b[i], 2);
        }
        return Math.sqrt(sum);
    }

    /** By distance at each rank, since ties may swap rows. */
    static boolean isNearest(List<Double> got, Map<Long, float[]> people, float[] query) {
        double[] want = people.values().stream().mapToDouble(v -> distance(v, query)).sorted().toArray();
        for (int i = 0; i < got.size(); i++) {
            if (Math.abs(got.get(i) - want[i]) > 1e-9 * want[i]) {
                return false;
            }
        }
        return got.size() == NEIGHBOURS;
    }

    /** Reads all back, and compares by bits (Arrays.equals tells -0 from 0). */
    static boolean same(Connection conn, String sql, Map<Long, float[]> want) throws SQLException {
        int read = 0;
        try (PreparedStatement statement = conn.prepareStatement(sql); ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                PGvector labs = (PGvector) rows.getObject(2);
                if (!Arrays.equals(labs.toArray(), want.get(rows.getLong(1)))) {
                    return false;
                }
                read++;
            }
        }
        return read == want.size();
    }

    static void insert(Connection conn, String table, Map<Long, float[]> vectors) throws SQLException {
        try (PreparedStatement statement = conn.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
            for (Map.Entry<Long, float[]> entry : vectors.entrySet()) {
                statement.setLong(1, entry.getKey());
                statement.setObject(2, new PGvector(entry.getValue()));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    static List<Double> search(PreparedStatement statement, float[] query) throws SQLException {
        List<Double> got = new ArrayList<>();
        statement.setObject(1, new PGvector(query));
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                got.add(rows.getDouble(1));
            }
        }
        return got;
    }

    static String explain(Connection conn, String sql, float[] query) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (PreparedStatement statement = conn.prepareStatement("EXPLAIN " + sql)) {
            statement.setObject(1, new PGvector(query));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    plan.append(rows.getString(1)).append('\n');
                }
            }
        }
        return plan.toString();
    }

    static void readBack(Connection conn, Map<Long, float[]> people) throws SQLException {
        Map<Long, float[]> edges = new TreeMap<>();
        for (int i = 0; i < EXACT.length; i++) {
            edges.put((long) i, EXACT[i]);
        }
        insert(conn, "edges", edges);
        // The driver prepares a statement on the server at its fifth run, unless told otherwise.
        for (int i = 0; i < 7; i++) {
            check("every resident reads back exactly, run " + i,
                same(conn, "SELECT id, labs FROM residents WHERE labs IS NOT NULL", people), "");
            check("extreme numbers read back exactly, run " + i, same(conn, "SELECT id, v FROM edges", edges), "");
        }
        try (Statement statement = conn.createStatement();
             ResultSet rows = statement.executeQuery("SELECT labs FROM residents WHERE id = 0")) {
            check("NULL stays NULL", rows.next() && rows.getObject(1) == null, "");
        }
    }

    static void answers(Connection conn, Map<Long, float[]> people) throws SQLException {
        String sql = "SELECT labs <-> ? FROM residents ORDER BY 1 LIMIT " + NEIGHBOURS;
        try (PreparedStatement statement = conn.prepareStatement(sql)) {
            for (int run = 0; run < 7; run++) {
                for (float[] query : QUERIES) {
                    List<Double> got = search(statement, query);
                    check("the nearest, run " + run, isNearest(got, people, query), got);
                }
            }
        }
        for (float[] query : QUERIES) {
            String plan = explain(conn, sql, query);
            check("the plan is a scan of residents_labs",
                plan.contains("Index Scan using residents_labs ") && !plan.contains("Sort"), plan);
        }
    }

    static void wrongDimension(Connection conn) throws SQLException {
        try {
            insert(conn, "edges", Map.of(-1L, new float[] {1, 2}));
        } catch (SQLException error) {
            SQLException cause = error.getNextException() == null ? error : error.getNextException();
            check("a wrong dimension is an error", "22000".equals(cause.getSQLState())
                && cause.getMessage().contains("expected 4 dimensions, not 2"), cause);
            return;
        }
        check("a wrong dimension is an error", false, "");
    }

    public static void main(String[] args) throws Exception {
        Map<Long, float[]> people = load(args[0]);
        String url = "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        try (Connection conn = DriverManager.getConnection(url, System.getenv("PGUSER"), System.getenv("PGPASSWORD"));
             Statement statement = conn.createStatement()) {
            statement.execute("CREATE EXTENSION IF NOT EXISTS vectormed");
            PGvector.registerTypes(conn);
            statement.execute("CREATE TABLE residents (id bigint PRIMARY KEY, labs vector(4))");
            statement.execute("CREATE TABLE edges (id bigint, v vector(4))");
            insert(conn, "residents", people);
            statement.execute("INSERT INTO residents VALUES (0, NULL)");
            readBack(conn, people);
            statement.execute("CREATE INDEX residents_labs ON residents USING balltree (labs vector_l2_ops)"
                + " WITH (target_recall = 1)");
            statement.execute("ANALYZE residents");
            answers(conn, people);
            wrongDimension(conn);
        }
        System.out.println(checks + " checks passed");
    }
}
