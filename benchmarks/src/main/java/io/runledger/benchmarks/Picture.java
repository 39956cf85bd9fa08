package io.runledger.benchmarks;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A report as a picture: two bars for each measurement, on a scale of powers of ten. */
final class Picture {

    private static final int LEFT = 190;
    private static final int WIDTH = 480;
    private static final int ROW = 34;
    private static final int TOP = 46;

    private final Report report;
    private final boolean ofRates;
    private final double least;
    private final double most;
    private final StringBuilder svg = new StringBuilder();

    private Picture(Report report) {
        this.report = report;
        // A question is asked by one client at a time, so its time says it all; of writing the rate is what counts.
        this.ofRates = !report.label().startsWith("lists");
        ToDoubleFunction<Sample> figure = this::figure;
        this.least = report.measurements().stream()
                        .mapToDouble(
                                one -> Math.min(figure.applyAsDouble(one.ledger()), figure.applyAsDouble(one.bare())))
                        .min()
                        .orElse(1)
                / 2;
        this.most = report.measurements().stream()
                .mapToDouble(one -> Math.max(figure.applyAsDouble(one.ledger()), figure.applyAsDouble(one.bare())))
                .max()
                .orElse(1);
    }

    static String of(Report report) {
        return new Picture(report).draw();
    }

    private double figure(Sample sample) {
        return ofRates ? sample.perSecond() : sample.p99();
    }

    private String draw() {
        int height = TOP + report.measurements().size() * ROW + 10;
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 %d" font-family="sans-serif" font-size="12">
                <rect width="760" height="%d" fill="#fff"/>
                <text x="10" y="18" font-weight="bold">%s</text>
                <text x="10" y="35" fill="#555">%s, on a scale of powers of ten: <tspan fill="#1f6feb">ledger</tspan>, \
                <tspan fill="#888">bare PostgreSQL</tspan></text>
                """.formatted(
                        height, height, report.description(), ofRates ? "operations a second" : "p99 in milliseconds"));
        int y = TOP;
        for (Measurement measurement : report.measurements()) {
            text(LEFT - 8, y + 18, "end", measurement.name());
            bar(y, figure(measurement.ledger()), "#1f6feb");
            bar(y + 13, figure(measurement.bare()), "#bbb");
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private void bar(int y, double value, String colour) {
        double length = WIDTH * Math.log(value / least) / Math.log(most / least);
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"%s\"/>%n",
                LEFT,
                y,
                Math.max(1, length),
                colour));
        text(
                LEFT + (int) length + 5,
                y + 10,
                "start",
                String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value));
    }

    private void text(int x, int y, String anchor, String text) {
        svg.append("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n".formatted(x, y, anchor, text));
    }
}
