/* trigger.c -- the reasons for which windows speak, from EMIT.
 *
 * Everything but EVERY is said at the end of an epoch, so that what is said does not
 * depend on batches. EVERY intervals are counted from 1970 on the processing clock, so all
 * partitions speak together. */
#include "exec/windows/trigger.h"

void lt_trigger_open(struct lt_trigger *trigger, const struct lt_emit *emit)
{
    *trigger = (struct lt_trigger){emit, LT_WATERMARK_MAX, LT_WATERMARK_MAX};
}

unsigned lt_trigger_epoch(const struct lt_trigger *trigger)
{
    const struct lt_emit *emit = trigger->emit;
    bool late = emit->late_on_change || (emit->late_within_us && !emit->late_every_us);
    return LT_REASON_WATERMARK | (emit->early_on_change ? LT_REASON_EARLY : 0) |
           (late ? LT_REASON_LATE : 0) | (emit->early_every_rows ? LT_REASON_ROWS : 0);
}

unsigned lt_trigger_timer(struct lt_trigger *trigger, int64_t time_us)
{
    unsigned reasons = 0;
    if (trigger->next_early <= time_us) {
        reasons |= LT_REASON_EARLY;
        trigger->next_early = LT_WATERMARK_MAX;
    }
    if (trigger->next_late <= time_us) {
        reasons |= LT_REASON_LATE;
        trigger->next_late = LT_WATERMARK_MAX;
    }
    return reasons;
}

static void every(int64_t *next, int64_t every_us, int64_t now_us)
{
    if (every_us && *next == LT_WATERMARK_MAX)
        *next = (lt_floor_div(now_us, every_us) + 1) * every_us;
}

int64_t lt_trigger_next(struct lt_trigger *trigger, bool changed, int64_t now_us)
{
    if (changed) {
        every(&trigger->next_early, trigger->emit->early_every_us, now_us);
        every(&trigger->next_late, trigger->emit->late_every_us, now_us);
    }
    return trigger->next_early < trigger->next_late ? trigger->next_early : trigger->next_late;
}

bool lt_trigger_speaks(const struct lt_trigger *trigger, const struct lt_shown *shown, bool final,
                       unsigned reasons)
{
    if (final)
        return reasons & LT_REASON_LATE;
    if (reasons & LT_REASON_EARLY)
        return true;
    return reasons & LT_REASON_ROWS && shown->since >= trigger->emit->early_every_rows;
}
