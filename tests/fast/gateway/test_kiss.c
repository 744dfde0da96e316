/* SPDX-License-Identifier: Apache-2.0 */
/* KISS: escapes, what is no frame, what is too long, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/kiss.h"

static struct kiss_decoder decoder;
static unsigned frames, last_port, last_command;
static size_t last_length;
static uint8_t last_data[KISS_FRAME_MAX];

static void keep(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length)
{
    assert_ptr_equal(context, &decoder);
    assert_true(length <= KISS_FRAME_MAX);
    frames++;
    last_port = port;
    last_command = command;
    last_length = length;
    memcpy(last_data, data, length);
}

static int setup(void **state)
{
    (void)state;
    memset(&decoder, 0xff, sizeof decoder);
    kiss_reset(&decoder);
    frames = 0;
    srandom(3);
    return 0;
}

static void hear(const char *bytes, size_t count)
{
    kiss_execute(&decoder, (const uint8_t *)bytes, count, keep, &decoder);
}
#define HEAR(literal) hear(literal, sizeof literal - 1)

static void frames_have_port_command_and_data(void **state)
{
    (void)state;
    HEAR("\xc0\x53hello\xc0");
    assert_int_equal(frames, 1);
    assert_int_equal(last_port, 5);
    assert_int_equal(last_command, 3);
    assert_int_equal(last_length, 5);
    assert_memory_equal(last_data, "hello", 5);
    HEAR("\xc0\xc0\xc0"); /* FENDs fill time */
    assert_int_equal(frames, 1);
    HEAR("\x00one\xc0\x00two\xc0"); /* one FEND between two frames is enough */
    assert_int_equal(frames, 3);
    assert_int_equal(decoder.malformed, 0);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    HEAR("\xc0\x00\xdb\xdc\xdb\xdd\xdb");
    HEAR("\xdc\xc0");
    assert_int_equal(frames, 1);
    assert_int_equal(last_length, 3);
    assert_memory_equal(last_data, "\xc0\xdb\xc0", 3);
}

static void bad_escapes_drop_their_frame_only(void **state)
{
    (void)state;
    HEAR("\xc0\x00"
         "ab\xdb"
         "cd\xc0\x00ok\xc0");
    assert_int_equal(frames, 1);
    assert_memory_equal(last_data, "ok", 2);
    assert_int_equal(decoder.malformed, 1);
    HEAR("\x00"
         "ab\xdb\xc0\x00ok\xc0"); /* cut short inside an escape */
    assert_int_equal(frames, 2);
    assert_int_equal(decoder.malformed, 2);
}

static void bytes_before_the_first_fend_are_ignored(void **state)
{
    (void)state;
    HEAR("\x00garbage of a TNC's sign-on\r\n\xc0\x00ok\xc0");
    assert_int_equal(frames, 1);
    assert_int_equal(last_length, 2);
}

static void longest_frame_passes_and_longer_ones_are_counted(void **state)
{
    (void)state;
    static uint8_t data[KISS_FRAME_MAX + 1], out[2 * KISS_FRAME_MAX + 10];
    memset(data, 0xc0, sizeof data);
    size_t count = kiss_encode(0, 0, data, KISS_FRAME_MAX, out, sizeof out);
    assert_int_equal(count, 2 * KISS_FRAME_MAX + 3);
    kiss_execute(&decoder, out, count, keep, &decoder);
    assert_int_equal(frames, 1);
    assert_int_equal(last_length, KISS_FRAME_MAX);
    assert_int_equal(kiss_encode(0, 0, data, KISS_FRAME_MAX + 1, out, sizeof out), 0);
    out[count - 1] = 'x';
    out[count] = 0xc0;
    kiss_execute(&decoder, out, count + 1, keep, &decoder);
    assert_int_equal(frames, 1);
    assert_int_equal(decoder.malformed, 1);
}

static void encode_and_decode_agree_in_any_chunks(void **state)
{
    (void)state;
    uint8_t data[KISS_FRAME_MAX], out[2 * KISS_FRAME_MAX + 4];
    for (unsigned round = 0; round < 2000; round++) {
        unsigned port = (unsigned)random() % 16, command = (unsigned)random() % 16;
        size_t length = (size_t)random() % 300;
        for (size_t i = 0; i < length; i++)
            data[i] = (uint8_t)(random() % 3 ? random() : 0xc0 + random() % 32);
        size_t count = kiss_encode(port, command, data, length, out, sizeof out);
        assert_true(count >= length + 3);
        for (size_t i = 1; i + 1 < count; i++)
            assert_int_not_equal(out[i], 0xc0);
        for (size_t at = 0; at < count;) {
            size_t chunk = 1 + (size_t)random() % 50;
            chunk = chunk < count - at ? chunk : count - at;
            kiss_execute(&decoder, out + at, chunk, keep, &decoder);
            at += chunk;
        }
        assert_int_equal(frames, round + 1);
        assert_int_equal(last_port, port);
        assert_int_equal(last_command, command);
        assert_int_equal(last_length, length);
        assert_memory_equal(last_data, data, length);
        assert_int_equal(kiss_encode(port, command, data, length, out, count - 1), 0);
    }
    assert_int_equal(decoder.malformed, 0);
    assert_int_equal(kiss_encode(16, 0, data, 1, out, sizeof out), 0);
    assert_int_equal(kiss_encode(0, 16, data, 1, out, sizeof out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(frames_have_port_command_and_data, setup),
        cmocka_unit_test_setup(escapes_are_undone, setup),
        cmocka_unit_test_setup(bad_escapes_drop_their_frame_only, setup),
        cmocka_unit_test_setup(bytes_before_the_first_fend_are_ignored, setup),
        cmocka_unit_test_setup(longest_frame_passes_and_longer_ones_are_counted, setup),
        cmocka_unit_test_setup(encode_and_decode_agree_in_any_chunks, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
