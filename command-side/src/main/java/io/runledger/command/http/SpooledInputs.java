package io.runledger.command.http;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Inputs in a file without a name, one a line: nothing is left of it when the process ends. Filled once, then read by one
 * reader at a time.
 */
final class SpooledInputs extends AbstractCollection<Json> implements Closeable {

    private final FileChannel file;
    private final OutputStream out;
    private final int most;
    private final Runnable onClose;
    private int size;

    private SpooledInputs(FileChannel file, int most, Runnable onClose) {
        this.file = file;
        this.out = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16);
        this.most = most;
        this.onClose = onClose;
    }

    /** Room for at most so many inputs; tells when it is closed. */
    static SpooledInputs create(int most, Runnable onClose) throws IOException {
        // Readable by nobody else, as the class Files makes it.
        Path path = Files.createTempFile("runledger-inputs-", null);
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
        return new SpooledInputs(file, most, onClose);
    }

    @Override
    public boolean add(Json input) {
        if (size == most) {
            throw Problem.badRequest("/inputs", "size must be between 1 and " + most);
        }
        try {
            out.write(input.text().getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        size++;
        return true;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Iterator<Json> iterator() {
        try {
            out.flush();
            file.position(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Lines(
                new BufferedReader(new InputStreamReader(Channels.newInputStream(file), StandardCharsets.UTF_8)));
    }

    private static final class Lines implements Iterator<Json> {

        private final BufferedReader reader;
        private @Nullable String next;

        Lines(BufferedReader reader) {
            this.reader = reader;
            advance();
        }

        private void advance() {
            try {
                next = reader.readLine();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Json next() {
            String line = next;
            if (line == null) {
                throw new NoSuchElementException();
            }
            advance();
            return new Json(line);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            onClose.run();
        }
    }
}
