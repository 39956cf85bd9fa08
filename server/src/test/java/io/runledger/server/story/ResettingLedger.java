package io.runledger.server.story;

import io.runledger.server.Runledger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.axonframework.config.Configuration;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.springframework.boot.SpringApplication;

/** A ledger that empties every view and fills it again, whenever it is given a line; only stories start it. */
final class ResettingLedger {

    static final String BEGUN = "every view is being filled again";

    private ResettingLedger() {}

    static void main(String[] arguments) throws IOException {
        Configuration axon = SpringApplication.run(Runledger.class, arguments).getBean(Configuration.class);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (lines.readLine() != null) {
            axon.eventProcessingConfiguration().eventProcessors().values().forEach(processor -> {
                StreamingEventProcessor streaming = (StreamingEventProcessor) processor;
                streaming.shutDown();
                streaming.resetTokens();
                streaming.start();
                System.out.println("reset " + streaming.getName());
            });
            System.out.println(BEGUN);
        }
    }
}
