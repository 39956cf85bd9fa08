package io.runledger.server.http;

import io.runledger.server.Runledger;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestConstructor;

/** Tests that speak HTTP with the whole ledger on a real PostgreSQL; all of them share one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        classes = Runledger.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "runledger.api-key=" + LedgerClient.KEY)
@ContextConfiguration(initializers = SharedPostgres.class)
@TestConstructor(autowireMode = TestConstructor.AutowireMode.ALL)
public @interface RunningLedger {}
