// test/clients/java/SmokeHibernate.java
//		Hibernate with its vector module: an entity with a column of each type, its
//		table made by the schema tool, and every distance in HQL.
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.function.UnaryOperator;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.Array;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.cfg.Configuration;
import org.hibernate.exception.DataException;
import org.hibernate.type.SqlTypes;
import org.hibernate.vector.SparseFloatVector;

class SmokeHibernate {
    @Entity(name = "Resident")
    @Table(name = "residents")
    static class Resident {
        @Id
        long id;
        @JdbcTypeCode(SqlTypes.VECTOR)
        @Array(length = 4)
        float[] labs;
        @JdbcTypeCode(SqlTypes.VECTOR_FLOAT16)
        @Array(length = 4)
        float[] halves;
        @JdbcTypeCode(SqlTypes.SPARSE_VECTOR_FLOAT32)
        @Array(length = 60)
        SparseFloatVector sparse;
        @JdbcTypeCode(SqlTypes.VECTOR_BINARY)
        @Array(length = 16)
        byte[] traits;
    }

    /** A column with one measure: a vector of ours as its value, as text of SQL, and as brute force takes it. */
    record Search(String column, String opclass, String function, Function<float[], Object> value,
            UnaryOperator<float[]> round, ToDoubleBiFunction<float[], float[]> metric) {
        String index() {
            return column + "_" + opclass;
        }

        String distance() {
            return function + "(" + column + ", :query)";
        }
    }

    static final Function<float[], Object> AS_IS = vector -> vector;
    // Not l1_distance, for which Hibernate calls the function: an index serves the operator alone (nativeL1).
    static final List<Search> SEARCHES = List.of(
        new Search("labs", "vector_l2_ops", "l2_distance", AS_IS, v -> v, Residents::l2),
        new Search("labs", "vector_cosine_ops", "cosine_distance", AS_IS, v -> v, Residents::cosine),
        new Search("labs", "vector_ip_ops", "negative_inner_product", AS_IS, v -> v, Residents::negativeInnerProduct),
        new Search("halves", "halfvec_l2_ops", "l2_distance", AS_IS, Residents::half, Residents::l2),
        new Search("halves", "halfvec_cosine_ops", "cosine_distance", AS_IS, Residents::half, Residents::cosine),
        new Search("sparse", "sparsevec_l2_ops", "l2_distance", SmokeHibernate::toSparse, v -> v, Residents::l2),
        new Search("sparse", "sparsevec_cosine_ops", "cosine_distance", SmokeHibernate::toSparse, v -> v,
            Residents::cosine),
        new Search("traits", "bit_hamming_ops", "hamming_distance", SmokeHibernate::toBits, Residents::traits,
            Residents::l1),
        new Search("traits", "bit_jaccard_ops", "jaccard_distance", SmokeHibernate::toBits, Residents::traits,
            Residents::jaccard));

    /** Whether the server is to explain what it is asked. */
    static boolean explain = false;

    static SparseFloatVector toSparse(float[] vector) {
        float[] all = new float[Residents.SPARSE_DIM];
        for (int i = 0; i < vector.length; i++) {
            all[Residents.PLACES[i]] = vector[i];
        }
        return new SparseFloatVector(all);
    }

    static float[] ofSparse(SparseFloatVector sparse) {
        float[] vector = new float[Residents.PLACES.length];
        float[] all = sparse.toDenseVector();
        for (int i = 0; i < vector.length; i++) {
            vector[i] = all[Residents.PLACES[i]];
        }
        return vector;
    }

    static byte[] toBits(float[] vector) {
        byte[] bits = new byte[2];
        float[] traits = Residents.traits(vector);
        for (int i = 0; i < traits.length; i++) {
            bits[i / 8] |= (byte) ((int) traits[i] << (7 - i % 8));
        }
        return bits;
    }

    static float[] ofBits(byte[] bits) {
        float[] vector = new float[8 * bits.length];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = bits[i / 8] >> (7 - i % 8) & 1;
        }
        return vector;
    }

    static void insert(SessionFactory factory, Map<Long, float[]> people) {
        factory.inTransaction(session -> people.forEach((id, labs) -> {
            Resident resident = new Resident();
            resident.id = id;
            resident.labs = labs;
            resident.halves = labs;
            resident.sparse = toSparse(labs);
            resident.traits = toBits(labs);
            session.persist(resident);
        }));
    }

    static void readBack(Session session, Map<Long, float[]> people) {
        List<Resident> all = session.createSelectionQuery("from Resident where labs is not null", Resident.class)
            .getResultList();
        check("vector", all, resident -> resident.labs, people, v -> v);
        check("halfvec", all, resident -> resident.halves, people, Residents::half);
        check("sparsevec", all, resident -> ofSparse(resident.sparse), people, v -> v);
        check("bit string", all, resident -> ofBits(resident.traits), people, Residents::traits);
        // Not the whole row: Hibernate cannot read a bit string that is NULL.
        Residents.check("NULL stays NULL", session.createSelectionQuery("select labs from Resident where id = 0",
            float[].class).getSingleResult() == null, "");
    }

    static void check(String what, List<Resident> all, Function<Resident, float[]> value, Map<Long, float[]> people,
            UnaryOperator<float[]> round) {
        Map<Long, float[]> got = new TreeMap<>();
        Map<Long, float[]> want = new TreeMap<>();
        all.forEach(resident -> got.put(resident.id, value.apply(resident)));
        people.forEach((id, labs) -> want.put(id, round.apply(labs)));
        Residents.checkSame("every " + what + " reads back exactly", got, want);
    }

    static <T> List<T> nearest(Session session, String what, Class<T> type, Search search, float[] query) {
        return session.createSelectionQuery(
                "select " + what + " from Resident order by " + search.distance(), type)
            .setParameter("query", search.value.apply(query)).setMaxResults(Residents.NEIGHBOURS).getResultList();
    }

    static void answers(Session session, Search search, Map<Long, float[]> people) {
        Map<Long, float[]> right = new TreeMap<>();
        people.forEach((id, labs) -> right.put(id, search.round.apply(labs)));
        for (float[] query : Residents.QUERIES) {
            Residents.checkNearest("the nearest by " + search.index(),
                nearest(session, search.distance(), Double.class, search, query), right, search.round.apply(query),
                search.metric);
            // A plan comes as lines of text, and so the query is for text too.
            explain = true;
            List<String> plan = nearest(session, "cast(id as string)", String.class, search, query);
            explain = false;
            Residents.checkPlan(search.index(), String.join("\n", plan));
        }
    }

    static void nativeL1(Session session, Map<Long, float[]> people) {
        String distance = "labs <+> cast(:query as vector)";
        for (float[] query : Residents.QUERIES) {
            String search = "SELECT " + distance + " FROM residents ORDER BY 1 LIMIT " + Residents.NEIGHBOURS;
            String near = Arrays.toString(query);
            Residents.checkNearest("the nearest by L1, in a native query",
                session.createNativeQuery(search, Double.class).setParameter("query", near).getResultList(), people,
                query, Residents::l1);
            Residents.checkPlan("labs_vector_l1_ops", String.join("\n",
                session.createNativeQuery("EXPLAIN " + search, String.class).setParameter("query", near)
                    .getResultList()));
        }
    }

    static void createIndex(Session session, String column, String opclass) {
        session.createNativeMutationQuery("CREATE INDEX " + column + "_" + opclass + " ON residents USING balltree ("
            + column + " " + opclass + ") WITH (target_recall = 1)").executeUpdate();
    }

    static void wrongDimension(SessionFactory factory) {
        try {
            insert(factory, Map.of(-1L, new float[] {1, 2}));
        } catch (DataException error) {
            Residents.checkError(error.getSQLState(), error.getSQLException().getMessage());
            return;
        }
        Residents.check("a wrong dimension is an error", false, "");
    }

    public static void main(String[] args) throws Exception {
        Map<Long, float[]> people = Residents.load(args[0]);
        // Before the schema tool makes a table of its types.
        try (Connection conn = DriverManager.getConnection(Residents.url(), System.getenv("PGUSER"),
                 System.getenv("PGPASSWORD"));
             Statement statement = conn.createStatement()) {
            statement.execute("CREATE EXTENSION IF NOT EXISTS vectormed");
        }
        Configuration configuration = new Configuration().addAnnotatedClass(Resident.class)
            .setProperty("hibernate.connection.url", Residents.url())
            .setProperty("hibernate.connection.username", System.getenv("PGUSER"))
            .setProperty("hibernate.connection.password", System.getenv("PGPASSWORD"))
            .setProperty("hibernate.hbm2ddl.auto", "create")
            .setProperty("hibernate.jdbc.batch_size", "500")
            .setStatementInspector(sql -> explain ? "EXPLAIN " + sql : sql);
        try (SessionFactory factory = configuration.buildSessionFactory()) {
            insert(factory, people);
            factory.inTransaction(session -> {
                session.createNativeMutationQuery("INSERT INTO residents (id) VALUES (0)").executeUpdate();
                SEARCHES.forEach(search -> createIndex(session, search.column, search.opclass));
                createIndex(session, "labs", "vector_l1_ops");
                session.createNativeMutationQuery("ANALYZE residents").executeUpdate();
            });
            factory.inSession(session -> {
                readBack(session, people);
                for (Search search : SEARCHES) {
                    answers(session, search, people);
                }
                nativeL1(session, people);
            });
            wrongDimension(factory);
        }
        Residents.done();
    }
}
