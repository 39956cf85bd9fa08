package io.runledger.query.item;

import io.runledger.query.http.Cursors;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.run.RunMoments;
import io.runledger.query.run.RunQueries;
import io.runledger.query.run.RunReferences;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts together the view of items. */
@Configuration(proxyBeanMethods = false)
public class ItemConfiguration {

    @Bean
    ItemProjection itemProjection(DataSource dataSource) {
        return new ItemProjection(JdbcClient.create(dataSource));
    }

    @Bean
    ItemController itemViewController(
            ProjectReader projectReader,
            RunQueries runs,
            RunReferences references,
            RunMoments moments,
            Cursors cursors) {
        ItemPages pages = new ItemPages(projectReader);
        return new ItemController(pages, runs, references, moments, cursors);
    }
}
