package io.runledger.benchmarks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one round showed: how many operations a second, and how long one took, in milliseconds.
 *
 * @param p50 half of the operations took no longer
 * @param p99 all but one of a hundred took no longer
 */
public record Sample(double perSecond, double p50, double p99) {

    /** Of operations that took so many nanoseconds each, in a round that took so many altogether. */
    public static Sample of(long[] nanos, long altogether) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Sample(sorted.length * 1e9 / altogether, millis(sorted, 0.5), millis(sorted, 0.99));
    }

    /** Of a round that is one piece: so many operations in so many nanoseconds, which is also how long it took. */
    public static Sample ofWhole(long operations, long nanos) {
        return new Sample(operations * 1e9 / nanos, nanos / 1e6, nanos / 1e6);
    }

    /** The median of each figure by itself. */
    public static Sample median(List<Sample> rounds) {
        return new Sample(median(rounds, Sample::perSecond), median(rounds, Sample::p50), median(rounds, Sample::p99));
    }

    private static double millis(long[] sorted, double quantile) {
        int rank = (int) Math.ceil(sorted.length * quantile);
        return sorted.length == 0 ? 0 : sorted[Math.max(0, rank - 1)] / 1e6;
    }

    private static double median(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
        List<Sample> sorted =
                rounds.stream().sorted(Comparator.comparingDouble(figure)).toList();
        return figure.applyAsDouble(sorted.get(sorted.size() / 2));
    }
}
