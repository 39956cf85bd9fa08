package io.runledger.command.definition;

import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.ValidationLimitExceededException.LimitKind;

/** What judging an input has taken that the validator itself does not count: matching patterns, and telling errors. */
final class Effort {

    /** About as much work as applying a keyword. */
    static final int CHARACTERS_PER_STEP = 32;

    /** The effort of the calling thread's judgement. */
    static final ScopedValue<Effort> CURRENT = ScopedValue.newInstance();

    private final int most;
    private long spent;

    Effort(int most) {
        this.most = most;
    }

    /**
     * Counts so many steps.
     *
     * @throws ValidationLimitExceededException when there have been too many
     */
    void spend(long steps) {
        spent += steps;
        if (spent > most) {
            throw new ValidationLimitExceededException(LimitKind.EVALUATION_STEPS, most, spent, 0, null, null, null);
        }
    }
}
