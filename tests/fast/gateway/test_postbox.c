/* SPDX-License-Identifier: Apache-2.0 */
/* Letters from one thread to another: in their order, no more than there is room for; and a box that is
 * emptied again and again takes no more memory than what waited at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/postbox.h"

enum { LETTER = 65536, PLACES = 256 };

static char letter[LETTER];

static void put(struct postbox *box, char what, bool taken)
{
    memset(letter, what, sizeof letter);
    assert_int_equal(postbox_put(box, letter), taken);
}

static void expect(struct postbox *box, char what)
{
    assert_true(postbox_take(box, letter));
    assert_true(letter[0] == what && letter[LETTER - 1] == what);
}

static void letters_come_in_their_order_and_no_more_than_there_is_room_for(void **state)
{
    struct postbox *box;
    (void)state;
    assert_int_equal(postbox_create(LETTER, 3, &box), ATALAYA_OK);
    struct pollfd waits = {.fd = postbox_fd(box), .events = POLLIN};
    assert_int_equal(poll(&waits, 1, 0), 0);
    for (int round = 0; round < 5; round++) {
        put(box, 'a', true);
        put(box, 'b', true);
        assert_int_equal(poll(&waits, 1, 0), 1);
        expect(box, 'a');
        put(box, 'c', true);
        assert_false(postbox_put_below(box, letter, 2));
        put(box, 'd', true);
        put(box, 'e', false);
        expect(box, 'b');
        expect(box, 'c');
        expect(box, 'd');
        assert_false(postbox_take(box, letter));
        assert_int_equal(poll(&waits, 1, 0), 0);
    }
    postbox_destroy(box);
}

static unsigned private_kib(void)
{
    unsigned kib = 0, one;
    char line[200];
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        kib += sscanf(line, "Private_Dirty: %u kB", &one) == 1 ? one : 0;
    (void)fclose(file);
    return kib;
}

static void a_box_that_is_emptied_takes_no_more_memory(void **state)
{
    struct postbox *box;
    (void)state;
    assert_int_equal(postbox_create(LETTER, PLACES, &box), ATALAYA_OK); /* 16 MiB, if all were needed */
    put(box, 'a', true);
    put(box, 'b', true);
    expect(box, 'a');
    expect(box, 'b');
    unsigned before = private_kib();
    for (int i = 0; i < 2 * PLACES; i++) {
        put(box, 'c', true);
        expect(box, 'c');
    }
    assert_true(private_kib() < before + 1024);
    postbox_destroy(box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_in_their_order_and_no_more_than_there_is_room_for),
        cmocka_unit_test(a_box_that_is_emptied_takes_no_more_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
