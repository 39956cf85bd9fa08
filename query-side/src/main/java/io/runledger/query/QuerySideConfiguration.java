package io.runledger.query;

import io.runledger.query.definition.DefinitionConfiguration;
import io.runledger.query.event.EventConfiguration;
import io.runledger.query.item.ItemConfiguration;
import io.runledger.query.log.LogConfiguration;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.run.RunConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Everything that the query side is made of. Needs a data source whose tables are in place, a transaction manager for it,
 * and Axon's event store.
 */
@Configuration(proxyBeanMethods = false)
@Import({
    ProjectionConfiguration.class,
    RunConfiguration.class,
    ItemConfiguration.class,
    DefinitionConfiguration.class,
    EventConfiguration.class,
    LogConfiguration.class
})
public class QuerySideConfiguration {}
