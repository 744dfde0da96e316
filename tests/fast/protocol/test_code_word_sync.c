/* SPDX-License-Identifier: Apache-2.0 */
/* The synchronisation before code words: the nearest one in either polarity, and who keeps a slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atalaya/protocol/code_word_sync.h"

enum { SLOTS = 3 };

static void each_word_is_found_in_either_polarity(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 2 * FLEETSYNC_SYNCS; n++) {
        const uint32_t word = SYNC_PREAMBLE | fleetsync_syncs[n / 2];
        struct code_word_sync found =
            sync_nearest((n % 2 ? ~word : word) ^ 0x00100200U, 77, fleetsync_syncs, FLEETSYNC_SYNCS);
        assert_true(found.open);
        assert_int_equal(found.inverted, n % 2);
        assert_int_equal(found.start, 77);
        assert_int_equal(found.wrong, 2);
    }
}

static void the_distance_is_that_to_the_nearest_word(void **state)
{
    static struct soft_history history;
    (void)state;
    for (unsigned n = 0; n < 2; n++) { /* the second of MPT1327's words, one bit of it doubted and wrong */
        const struct code_word_sync sync = {.inverted = n, .start = SYNC_BITS};
        for (unsigned i = 0; i < SYNC_BITS; i++) {
            bool one = (SYNC_PREAMBLE | MPT1327_SYNT) >> (SYNC_BITS - 1 - i) & 1;
            int8_t soft = (one != (n == 1)) != (i == 20) ? 30 : -30;
            const struct soft_run run = {.soft = &soft, .count = 1, .first_bit = i};
            soft_history_push(&history, &run, 0);
        }
        assert_int_equal(sync_distance(&history, &sync, mpt1327_syncs, MPT1327_SYNCS), 100 / SYNC_BITS);
        assert_in_range(sync_distance(&history, &sync, fleetsync_syncs, FLEETSYNC_SYNCS), 10, 50);
    }
}

/* Slots of some protocol, each more than the synchronisation alone. */
static void a_better_one_takes_the_worst_slot_where_no_message_comes(void **state)
{
    struct {
        struct code_word_sync sync;
        unsigned more[5];
    } slots[SLOTS] = {{.sync = {.open = true, .wrong = 3}},
                      {.sync = {.open = true, .wrong = 6, .taken = true}},
                      {.sync = {.open = false, .wrong = 2}}};
    struct code_word_sync found = {.open = true, .wrong = SYNC_ERRORS_MAX};
    (void)state;
    assert_ptr_equal(sync_find_slot(&found, slots, sizeof *slots, SLOTS), &slots[2]);
    slots[2].sync.open = true;
    assert_null(sync_find_slot(&found, slots, sizeof *slots, SLOTS));
    found.wrong = 3;
    assert_null(sync_find_slot(&found, slots, sizeof *slots, SLOTS));
    found.wrong = 2;
    assert_ptr_equal(sync_find_slot(&found, slots, sizeof *slots, SLOTS), &slots[0]);
    slots[0].sync.taken = true;
    assert_null(sync_find_slot(&found, slots, sizeof *slots, SLOTS));
    slots[0].sync.open = false; /* its message has ended */
    assert_ptr_equal(sync_find_slot(&found, slots, sizeof *slots, SLOTS), &slots[0]);
    found.wrong = SYNC_ERRORS_MAX + 1;
    assert_null(sync_find_slot(&found, slots, sizeof *slots, SLOTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_found_in_either_polarity),
        cmocka_unit_test(the_distance_is_that_to_the_nearest_word),
        cmocka_unit_test(a_better_one_takes_the_worst_slot_where_no_message_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
