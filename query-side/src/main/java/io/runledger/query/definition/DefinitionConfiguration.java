package io.runledger.query.definition;

import io.runledger.query.http.Cursors;
import io.runledger.query.project.ProjectReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts together the answers about definitions. Its beans' names differ from those of the command side. */
@Configuration(value = "definitionViewConfiguration", proxyBeanMethods = false)
public class DefinitionConfiguration {

    @Bean
    DefinitionQueries definitionQueries(ProjectReader projectReader) {
        return new DefinitionQueries(projectReader);
    }

    @Bean
    DefinitionController definitionViewController(DefinitionQueries queries, Cursors cursors) {
        return new DefinitionController(queries, cursors);
    }
}
