// test/clients/java/Residents.java
//		What the clients of Java share: the residents of data/flchain, the right
//		answers by brute force, and the checks with their count; the counterpart of
//		python/residents.py.
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleBiFunction;

final class Residents {
    static final int NEIGHBOURS = 10;
    static final float[][] QUERIES = {{97, 5.7f, 4.86f, 1.7f}, {65, 1.5f, 1.6f, 0.9f}, {71, 4.2f, 3.9f, 5.5f}};
    static final float[][] EXACT = {
        {0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE}, {16777216f, 0.1f, 1f / 3, -Float.MIN_NORMAL}};
    static final float[][] EXACT_HALVES = {{0f, -0f, 0x1p-24f, 65504f}, {0.1f, -1f / 3, 2049f, 2051f}};
    /** A resident among dimensions that are mostly 0. */
    static final int SPARSE_DIM = 60;
    static final int[] PLACES = {0, 7, 20, 59};
    /** What a measure is above, as a string of bits. */
    private static final float[][] LEVELS = {{60, 70, 80, 90}, {1, 1.5f, 2, 4}, {1, 1.5f, 2, 4}, {0.8f, 1, 1.2f, 2}};
    private static int checks = 0;

    private Residents() {
    }

    static void check(String what, boolean good, Object detail) {
        if (!good) {
            throw new AssertionError("FAILED: " + what + ": " + detail);
        }
        System.out.println("ok " + ++checks + " - " + what);
    }

    static void checkPlan(String index, String plan) {
        check("the plan is a scan of " + index,
            plan.contains("Index Scan using " + index + " ") && !plan.contains("Sort"), plan);
    }

    /** By distance at each rank, since ties may swap rows. */
    static void checkNearest(String what, List<Double> got, Map<Long, float[]> rows, float[] query,
            ToDoubleBiFunction<float[], float[]> metric) {
        double[] want = rows.values().stream().mapToDouble(v -> metric.applyAsDouble(v, query)).sorted()
            .limit(NEIGHBOURS).toArray();
        boolean good = got.size() == want.length;
        for (int i = 0; good && i < want.length; i++) {
            good = Math.abs(got.get(i) - want[i]) <= 1e-9 * Math.abs(want[i]) + 1e-12;
        }
        check(what, good, got + " and not " + Arrays.toString(want));
    }

    /** By bits (Arrays.equals tells -0 from 0). */
    static void checkSame(String what, Map<Long, float[]> got, Map<Long, float[]> want) {
        check(what, got.keySet().equals(want.keySet())
            && got.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), want.get(e.getKey()))), got.size());
    }

    static void checkError(String sqlState, String message) {
        check("a wrong dimension is an error",
            "22000".equals(sqlState) && message.contains("expected 4 dimensions, not 2"), message);
    }

    static void done() {
        System.out.println(checks + " checks passed");
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

    static String url() {
        return "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
    }

    static double l2(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - (double) b[i], 2);
        }
        return Math.sqrt(sum);
    }

    static double l1(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs((double) a[i] - (double) b[i]);
        }
        return sum;
    }

    static double innerProduct(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * (double) b[i];
        }
        return sum;
    }

    static double negativeInnerProduct(float[] a, float[] b) {
        return -innerProduct(a, b);
    }

    static double cosine(float[] a, float[] b) {
        return 1 - innerProduct(a, b) / Math.sqrt(innerProduct(a, a) * innerProduct(b, b));
    }

    /** Of strings of bits, as 0 and 1. */
    static double jaccard(float[] a, float[] b) {
        double either = 0;
        double both = 0;
        for (int i = 0; i < a.length; i++) {
            either += Math.max(a[i], b[i]);
            both += Math.min(a[i], b[i]);
        }
        return 1 - both / either;
    }

    /** To halves, ties to the even one. */
    static float[] half(float[] vector) {
        float[] rounded = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            double step = Math.scalb(1.0, Math.max(Math.getExponent(vector[i]), -14) - 10);
            rounded[i] = (float) (Math.rint(vector[i] / step) * step);
        }
        return rounded;
    }

    /** A resident as a string of bits, as 0 and 1. */
    static float[] traits(float[] vector) {
        float[] bits = new float[4 * vector.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = vector[i / 4] > LEVELS[i / 4][i % 4] ? 1 : 0;
        }
        return bits;
    }
}
