package io.runledger.server.limits;

import io.github.bucket4j.TimeMeter;
import io.runledger.server.LedgerSettings;
import io.runledger.server.limits.RateLimitSettings.Rates;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Counts requests as the settings say. */
@Configuration(proxyBeanMethods = false)
class RateLimitConfiguration {

    @Bean
    RateLimits rateLimits(LedgerSettings settings) {
        LedgerSettings.RateLimits limits = settings.rateLimits();
        return new RateLimits(
                new RateLimitSettings(rates(limits.perKey()), rates(limits.perProject())), TimeMeter.SYSTEM_NANOTIME);
    }

    private static Rates rates(LedgerSettings.Rates rates) {
        return new Rates(rates.reading(), rates.writing(), rates.streaming());
    }
}
