package io.runledger.query.projection;

import io.runledger.api.RecentRecord;
import io.runledger.query.signal.CommitSignal;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.sql.DataSource;
import org.axonframework.common.AxonThreadFactory;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

/** Runs the processors that fill the views. */
@Configuration(proxyBeanMethods = false)
public class ProjectionConfiguration {

    /** The view of runs: the name of its processor, and of its table. */
    public static final String RUN = "run";

    /** A node that dies leaves its views standing still for so long, until another one may take them over. */
    private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(5);

    private static final long CLAIM_INTERVAL_MILLIS = 1_000;

    /** Writes what Axon keeps beside the events: the positions of views. */
    @Bean
    @Primary
    public Serializer serializer() {
        return tokenSerializer();
    }

    @Bean
    public TokenStore tokenStore(DataSource dataSource, Serializer serializer) {
        return tokenStoreOn(dataSource, serializer);
    }

    @Bean
    public ViewPosition runViewPosition(DataSource dataSource, Serializer serializer) {
        return new ViewPosition(RUN, JdbcClient.create(dataSource), serializer);
    }

    @Bean
    public EventTail eventTail(
            NextEvents events, CommitSignal signal, ObjectProvider<RecentRecord> recent, ViewPosition runViewPosition) {
        return new EventTail(
                events, signal, recent.getIfAvailable(() -> RecentRecord.NOTHING), runViewPosition::isAwaited);
    }

    /** A view that skips an event is wrong for ever; a view that stops is seen and mended. So errors stop it. */
    @Bean
    public ConfigurerModule projections(EventTail events) {
        return configurer -> configurer
                .eventProcessing()
                .registerDefaultListenerInvocationErrorHandler(_ -> PropagatingErrorHandler.instance())
                .registerErrorHandler(RUN, _ -> PropagatingErrorHandler.instance())
                .registerPooledStreamingEventProcessor(RUN, _ -> events, ProjectionConfiguration::processor)
                .registerHandlerInterceptor(RUN, _ -> ProjectionConfiguration::endWithItsTransaction);
    }

    private static @Nullable Object endWithItsTransaction(
            UnitOfWork<? extends EventMessage<?>> unitOfWork, InterceptorChain chain) throws Exception {
        if (unitOfWork.getMessage().getPayload() instanceof EventBatch batch) {
            unitOfWork.root().onCleanup(_ -> batch.end());
        }
        return chain.proceed();
    }

    static PooledStreamingEventProcessor.Builder processor(
            org.axonframework.config.Configuration configuration, PooledStreamingEventProcessor.Builder processor) {
        ScheduledExecutorService coordinator = new ImpatientScheduler("view-coordinator");
        ScheduledExecutorService worker = new ScheduledThreadPoolExecutor(1, new AxonThreadFactory("view-worker"));
        configuration.onShutdown(coordinator::shutdown);
        configuration.onShutdown(worker::shutdown);
        return processor
                .coordinatorExecutor(coordinator)
                .workerExecutor(worker)
                .initialSegmentCount(1)
                .initialToken(StreamableMessageSource::createTailToken)
                // Of batches.
                .batchSize(1)
                .tokenClaimInterval(CLAIM_INTERVAL_MILLIS)
                .claimExtensionThreshold(CLAIM_INTERVAL_MILLIS)
                .enableCoordinatorClaimExtension();
    }

    static Serializer tokenSerializer() {
        // Without the validator Axon 4.13.0 cannot read a ReplayToken back: a view that was reset never starts again.
        return Jackson3Serializer.builder()
                .jsonMapperBuilderCustomizer(
                        mapper -> mapper.polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder()
                                .allowIfSubType("org.axonframework.")
                                .build()))
                .build();
    }

    static TokenStore tokenStoreOn(DataSource dataSource, Serializer serializer) {
        return JdbcTokenStore.builder()
                // The token is stored in the transaction that writes the view, which Spring has bound to the thread.
                .connectionProvider(new TransactionAwareDataSourceProxy(dataSource)::getConnection)
                .serializer(serializer)
                .claimTimeout(CLAIM_TIMEOUT)
                .schema(TokenSchema.builder()
                        .setTokenTable("view.token_entry")
                        .setProcessorNameColumn("processor_name")
                        .setSegmentColumn("segment")
                        .setTokenColumn("token")
                        .setTokenTypeColumn("token_type")
                        .setTimestampColumn("claimed_at")
                        .setOwnerColumn("owner")
                        .build())
                .build();
    }
}
