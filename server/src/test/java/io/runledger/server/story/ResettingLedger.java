package io.runledger.server.story;

import io.runledger.server.Runledger;
import org.axonframework.config.Configuration;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.springframework.boot.SpringApplication;

/** A ledger that, once it runs, empties every view and fills it again; only stories start it. */
final class ResettingLedger {

    static final String BEGUN = "every view is being filled again";

    private ResettingLedger() {}

    static void main(String[] arguments) {
        Configuration axon = SpringApplication.run(Runledger.class, arguments).getBean(Configuration.class);
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
