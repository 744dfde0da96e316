/* SPDX-License-Identifier: Apache-2.0 */
/* The framing of base radios' data ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/sentences.h"

static struct sentences_decoder decoder;
static char heard[8][SENTENCES_FRAME_MAX + 1];
static unsigned heard_count;

static void hear(void *context, const uint8_t *frame, size_t length)
{
    (void)context;
    assert_true(length > 0 && length <= SENTENCES_FRAME_MAX && heard_count < 8);
    memcpy(heard[heard_count], frame, length);
    heard[heard_count++][length] = '\0';
}

static void read_whole(const char *bytes, size_t length)
{
    sentences_reset(&decoder);
    heard_count = 0;
    sentences_execute(&decoder, (const uint8_t *)bytes, length, hear, NULL);
}

static const char wire[] = "torn,*00\r\n$PKNSH,1,2*33\r\n\x02"
                           "gI1U04321U04321\x03$GPRMC,x*11\n\x02"
                           "0\x03noise$A*00\r";

static void lines_and_frames_come_out_whole(void **state)
{
    (void)state;
    read_whole(wire, sizeof wire - 1);
    assert_int_equal(heard_count, 5);
    assert_string_equal(heard[0], "$PKNSH,1,2*33");
    assert_string_equal(heard[1], "gI1U04321U04321");
    assert_string_equal(heard[2], "$GPRMC,x*11");
    assert_string_equal(heard[3], "0");
    assert_string_equal(heard[4], "$A*00");
    assert_int_equal(decoder.malformed, 0);
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    sentences_reset(&decoder);
    heard_count = 0;
    for (size_t i = 0; i < sizeof wire - 1; i++)
        sentences_execute(&decoder, (const uint8_t *)wire + i, 1, hear, NULL);
    assert_int_equal(heard_count, 5);
    assert_string_equal(heard[4], "$A*00");
}

static void torn_long_and_binary_frames_are_counted(void **state)
{
    (void)state;
    static char flood[4 * SENTENCES_FRAME_MAX];
    static const char torn[] = "$PKLSH,12$PKLSH,34\r\n", binary[] = "$PK\x01LSH\r\n";
    read_whole(torn, sizeof torn - 1);
    assert_int_equal(heard_count, 1);
    assert_string_equal(heard[0], "$PKLSH,34");
    assert_int_equal(decoder.malformed, 1);
    read_whole(binary, sizeof binary - 1);
    assert_int_equal(heard_count, 0);
    assert_int_equal(decoder.malformed, 1);
    memset(flood, 'a', sizeof flood);
    flood[0] = '$';
    read_whole(flood, sizeof flood);
    assert_int_equal(heard_count, 0);
    assert_int_equal(decoder.malformed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_frames_come_out_whole),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(torn_long_and_binary_frames_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
