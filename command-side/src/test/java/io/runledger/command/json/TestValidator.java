package io.runledger.command.json;

import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.util.Locale;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;

/** A Bean Validation that speaks English on every machine. */
public final class TestValidator {

    public static final Validator INSTANCE = Validation.byDefaultProvider()
            .configure()
            .messageInterpolator(
                    new ParameterMessageInterpolator(java.util.Set.of(Locale.ENGLISH), Locale.ENGLISH, false))
            .buildValidatorFactory()
            .getValidator();

    private TestValidator() {}
}
