/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of the software radios' sources: time of late frames, addresses, the words of rtl_tcp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../gateway/source/dial.h"
#include "../../../gateway/source/rtl_tcp_private.h"
#include "../../../gateway/source/stream_clock.h"

enum { RATE_HZ = 1000000, FRAMES = 1000 };
static const int64_t block_ns = 1000000;

/* In front of the C library's: name servers that do not answer until `answer` is set. */
static atomic_bool answer;
static atomic_uint asked;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    const struct timespec wait = {.tv_nsec = 2000000};
    (void)name, (void)service, (void)hints, (void)list;
    asked++;
    while (!answer)
        (void)nanosleep(&wait, NULL);
    asked--;
    return EAI_AGAIN;
}

static int64_t jitter_ns(int64_t most_ns)
{
    static uint32_t seed = 1;
    seed = seed * 1664525U + 1013904223U;
    return (int64_t)(seed >> 8) % (most_ns + 1);
}

static void delay_only_adds_and_drift_is_followed(void **state)
{
    struct stream_clock clock;
    int64_t first_ns;
    (void)state;
    stream_clock_reset(&clock, RATE_HZ);
    for (int64_t i = 0; i < 60000; i++) {
        int64_t true_ns = 5000000000 + i * (block_ns + 50); /* the crystal is 50 ppm slow */
        assert_int_equal(stream_clock_execute(&clock, true_ns + jitter_ns(30000000), FRAMES, &first_ns), 0);
        if (i > 3000)
            assert_true(llabs(first_ns - true_ns) < 1000000);
    }
    for (int64_t i = 0; i < 60000; i++) {
        int64_t true_ns = 5000000000 + 60000 * (block_ns + 50) + i * (block_ns - 50); /* 50 ppm fast */
        assert_int_equal(stream_clock_execute(&clock, true_ns + jitter_ns(30000000), FRAMES, &first_ns), 0);
        if (i > 3000)
            assert_true(llabs(first_ns - true_ns) < 1000000);
    }
}

static void a_stall_is_no_loss_but_a_lasting_delay_is(void **state)
{
    struct stream_clock clock;
    int64_t first_ns, now_ns = 0;
    uint64_t lost = 0;
    (void)state;
    stream_clock_reset(&clock, RATE_HZ);
    for (int64_t i = 0; i < 20000; i++) {
        now_ns = i * block_ns;
        /* From 5 s on nothing comes for 1.5 s, then all of it at once. */
        int64_t late_ns = i >= 5000 && i < 6500 ? 6500 * block_ns - now_ns : 0;
        lost += stream_clock_execute(&clock, now_ns + late_ns, FRAMES, &first_ns);
        assert_true(llabs(first_ns - now_ns) < 1000);
    }
    assert_int_equal(lost, 0);
    /* 300 ms are dropped somewhere: every frame is that much later than its number says. */
    for (int64_t i = 0; i < 5000; i++)
        lost += stream_clock_execute(&clock, now_ns + (i + 301) * block_ns, FRAMES, &first_ns);
    assert_int_equal(lost, 300 * FRAMES);
    assert_int_equal(first_ns, now_ns + 5300 * block_ns);
}

static void known_gaps_are_taken_at_once(void **state)
{
    struct stream_clock clock;
    int64_t first_ns;
    (void)state;
    stream_clock_reset(&clock, RATE_HZ);
    stream_clock_break(&clock); /* before the first block nothing can be missing */
    assert_int_equal(stream_clock_execute(&clock, 1000, FRAMES, &first_ns), 0);
    assert_int_equal(first_ns, 1000);
    stream_clock_break(&clock);
    assert_int_equal(stream_clock_execute(&clock, 1000 + 8 * block_ns, FRAMES, &first_ns), 7000);
    assert_int_equal(first_ns, 1000 + 8 * block_ns);
    stream_clock_skip(&clock, 4000);
    assert_int_equal(stream_clock_execute(&clock, 1000 + 13 * block_ns, FRAMES, &first_ns), 0);
    assert_int_equal(first_ns, 1000 + 13 * block_ns);
}

static void addresses_are_split(void **state)
{
    static const struct {
        const char *address, *host, *port;
    } good[] = {{"", "127.0.0.1", "1234"},        {"ridge", "ridge", "1234"},
                {":99", "127.0.0.1", "99"},       {"ridge:7373", "ridge", "7373"},
                {"[::1]", "::1", "1234"},         {"[fe80::1]:80", "fe80::1", "80"},
                {"192.0.2.7:1", "192.0.2.7", "1"}};
    static const char *const bad[] = {"a:",   "a:b",  "a:0",    "a:70000", "::1",
                                      "[::1", "[]:1", "[::1]x", "a:1:2",   "a:99999999"};
    char host[DIAL_HOST_MAX], port[DIAL_PORT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(dial_split(good[i].address, "127.0.0.1", "1234", host, port), ATALAYA_OK);
        assert_string_equal(host, good[i].host);
        assert_string_equal(port, good[i].port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_not_equal(dial_split(bad[i], "127.0.0.1", "1234", host, port), ATALAYA_OK);
    char longest[DIAL_HOST_MAX + 8];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_not_equal(dial_split(longest, "", "1", host, port), ATALAYA_OK);
}

static void dead_name_servers_stop_nobody(void **state)
{
    const struct timespec wait = {.tv_nsec = 2000000};
    char text[256];
    int fd;
    (void)state;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(dial("ridge", "1234", 10, &fd, text, sizeof text), ATALAYA_E_GONE);
        assert_non_null(strstr(text, "no answer of the name servers"));
    }
    assert_int_equal(dial("ridge", "1234", 10, &fd, text, sizeof text), ATALAYA_E_FULL);
    answer = true;
    while (asked > 0)
        (void)nanosleep(&wait, NULL);
    enum atalaya_result result;
    while ((result = dial("ridge", "1234", 1000, &fd, text, sizeof text)) == ATALAYA_E_FULL)
        (void)nanosleep(&wait, NULL);
    assert_int_equal(result, ATALAYA_E_GONE);
    assert_non_null(strstr(text, "no host ridge"));
}

static void rtl_tcp_speaks_most_significant_byte_first(void **state)
{
    const uint8_t bytes[] = {'R', 'T', 'L', '0', 0, 0, 0, 6, 0, 0, 1, 2}, wrong[12] = "RTL1";
    struct rtl_tcp_greeting greeting;
    uint8_t command[5];
    (void)state;
    assert_true(rtl_tcp_greeting_read(bytes, &greeting));
    assert_int_equal(greeting.tuner, 6);
    assert_int_equal(greeting.gains, 258);
    assert_string_equal(rtl_tcp_tuner_text(6), "R828D");
    assert_string_equal(rtl_tcp_tuner_text(4000000000U), "unknown");
    assert_false(rtl_tcp_greeting_read(wrong, &greeting));
    rtl_tcp_command_write(RTL_TCP_FREQUENCY, 0x01020304, command);
    assert_memory_equal(command, "\x01\x01\x02\x03\x04", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_only_adds_and_drift_is_followed),
        cmocka_unit_test(a_stall_is_no_loss_but_a_lasting_delay_is),
        cmocka_unit_test(known_gaps_are_taken_at_once),
        cmocka_unit_test(addresses_are_split),
        cmocka_unit_test(dead_name_servers_stop_nobody),
        cmocka_unit_test(rtl_tcp_speaks_most_significant_byte_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
