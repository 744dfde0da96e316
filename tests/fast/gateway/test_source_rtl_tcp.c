/* SPDX-License-Identifier: Apache-2.0 */
/* The rtl_tcp client against a server on loopback that greets, plays, stalls, hangs up, or is something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/source.h"

enum { RATE_HZ = 250000, LUMP_FRAMES = 5000 /* 20 ms */ };
static const uint8_t greeting[12] = {'R', 'T', 'L', '0', 0, 0, 0, 5, 0, 0, 0, 29};

/* Plays frame k as the bytes k and k >> 8, in real time; frames counted in `skip` are dropped on its side. */
static struct server {
    int listener;
    unsigned port;
    const uint8_t *hello;
    size_t hello_length;
    atomic_bool stop, stall, hang_up;
    atomic_uint skip;
    bool silent, odd; /* sends no samples; cuts every frame in two packets */
    pthread_t thread;
    uint8_t commands[256];
    atomic_uint command_bytes;
} server;

static void nap_ms(long ms)
{
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&wait, NULL);
}

static void take_commands(int fd)
{
    ssize_t got;
    while ((got = recv(fd, server.commands + server.command_bytes,
                       sizeof server.commands - server.command_bytes, MSG_DONTWAIT)) > 0)
        server.command_bytes += (unsigned)got;
}

static bool send_bytes(int fd, const uint8_t *bytes, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0)
            return false;
        sent += (size_t)count;
    }
    return true;
}

static void play(int fd)
{
    static uint8_t bytes[2 * LUMP_FRAMES];
    int64_t begin_ns = clock_mono_ns();
    uint64_t frame = 0;
    while (!server.stop && !server.hang_up) {
        take_commands(fd);
        int64_t due_ns = begin_ns + (int64_t)((double)(frame + LUMP_FRAMES) * 1e9 / RATE_HZ);
        if (server.silent || server.stall || clock_mono_ns() < due_ns) {
            nap_ms(2);
            continue;
        }
        frame += atomic_exchange(&server.skip, 0);
        for (uint64_t i = 0; i < LUMP_FRAMES; i++) {
            bytes[2 * i] = (uint8_t)(frame + i);
            bytes[2 * i + 1] = (uint8_t)((frame + i) >> 8);
        }
        size_t first = server.odd ? 777 : 0;
        if (!send_bytes(fd, bytes, first) || !send_bytes(fd, bytes + first, sizeof bytes - first))
            return;
        frame += LUMP_FRAMES;
    }
}

static void *serve(void *context)
{
    (void)context;
    while (!server.stop) {
        int fd = accept(server.listener, NULL, NULL);
        if (fd < 0)
            break;
        server.hang_up = false;
        if (send_bytes(fd, server.hello, server.hello_length))
            play(fd);
        close(fd);
    }
    return NULL;
}

static void listen_on(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int on = 1;
    address.sin_port = htons((uint16_t)port);
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(server.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(server.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server.listener, 4), 0);
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&address, &size), 0);
    server.port = ntohs(address.sin_port);
    server.stop = false;
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static void server_stop(void)
{
    server.stop = true;
    (void)shutdown(server.listener, SHUT_RDWR);
    (void)pthread_join(server.thread, NULL);
    (void)close(server.listener);
}

static int setup(void **state)
{
    (void)state;
    memset(&server, 0, sizeof server);
    server.hello = greeting;
    server.hello_length = sizeof greeting;
    listen_on(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop();
    return 0;
}

static struct config_source settings(void)
{
    struct config_source source = {
        .name = "band", .type = SOURCE_RTL_TCP, .rate_hz = RATE_HZ, .lanes = 1, .centre_hz = 144.8e6};
    source.gain_db = (double)NAN;
    snprintf(source.device, sizeof source.device, "127.0.0.1:%u", server.port);
    return source;
}

static enum atalaya_result block_read(struct source *source, struct source_block *block)
{
    for (int i = 0; i < 500; i++) {
        enum atalaya_result result = source_read(source, block);
        if (result != ATALAYA_OK || block->frames > 0)
            return result;
    }
    fail_msg("no frames in 500 reads");
    return ATALAYA_OK;
}

static unsigned number_of(const float *pair)
{
    return (unsigned)lround((double)pair[0] * 127.5 + 127.5) |
           (unsigned)lround((double)pair[1] * 127.5 + 127.5) << 8;
}

/* Frames follow each other without one missing, first to last. */
static void frames_follow(struct source *source, size_t frames)
{
    unsigned next = 0;
    for (size_t got = 0; got < frames;) {
        struct source_block block;
        assert_int_equal(block_read(source, &block), ATALAYA_OK);
        for (size_t i = 0; i < block.frames; i++) {
            unsigned number = number_of(block.samples + 2 * i);
            if (got + i > 0)
                assert_int_equal(number, next);
            next = (number + 1) & 0xffff;
        }
        got += block.frames;
    }
}

static void samples_come_whole_and_in_order(void **state)
{
    struct config_source given = settings();
    struct source *source;
    (void)state;
    server.odd = true;
    assert_int_equal(source_open(&given, &source), ATALAYA_OK);
    const struct source_format *format = source_format(source);
    assert_true(format->iq && format->lanes == 2 && source_is_live(source));
    assert_true(fabs(format->centre_hz - 144.8e6) < 0.5);
    frames_follow(source, 20000);
    source_close(source);
}

static bool was_told(uint8_t command, uint32_t value)
{
    const uint8_t wanted[5] = {command, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                               (uint8_t)value};
    for (int wait = 0; wait < 100; wait++, nap_ms(5))
        for (unsigned at = 0; at + 5 <= server.command_bytes; at += 5)
            if (memcmp(server.commands + at, wanted, 5) == 0)
                return true;
    return false;
}

static void settings_become_commands(void **state)
{
    struct config_source given = settings();
    struct source *source;
    (void)state;
    given.gain_db = 32.8;
    given.ppm = -3;
    given.bias_tee = true;
    assert_int_equal(source_open(&given, &source), ATALAYA_OK);
    assert_true(was_told(0x01, 144800000) && was_told(0x02, RATE_HZ) && was_told(0x03, 1));
    assert_true(was_told(0x04, 328) && was_told(0x05, (uint32_t)-3) && was_told(0x08, 0) &&
                was_told(0x0e, 1));
    assert_int_equal(source_set_gain(source, (double)NAN), ATALAYA_OK);
    assert_true(was_told(0x03, 0));
    assert_int_equal(source_tune(source, 6e9), ATALAYA_E_RANGE);
    assert_int_equal(source_tune(source, 162.4e6), ATALAYA_OK);
    assert_true(was_told(0x01, 162400000));
    assert_true(fabs(source_format(source)->centre_hz - 162.4e6) < 0.5);
    source_close(source);
}

/* A stall of the network delays, and loses nothing; the time of every frame stays what it was. */
static void a_stall_moves_no_time(void **state)
{
    struct config_source given = settings();
    struct source *source;
    struct source_block before, after;
    (void)state;
    assert_int_equal(source_open(&given, &source), ATALAYA_OK);
    assert_int_equal(block_read(source, &before), ATALAYA_OK);
    server.stall = true;
    nap_ms(150);
    server.stall = false;
    frames_follow(source, 40000);
    assert_int_equal(block_read(source, &after), ATALAYA_OK);
    assert_int_equal(source_lost_frames(source), 0);
    double passed = (double)(after.first_mono_ns - before.first_mono_ns) * 1e-9 * RATE_HZ;
    assert_true(fabs(passed - (double)(after.first_frame - before.first_frame)) < RATE_HZ * 0.03);
    source_close(source);
}

static void a_hang_up_is_noticed_and_the_server_found_again(void **state)
{
    struct config_source given = settings();
    struct source *source;
    struct source_block block;
    char text[512];
    (void)state;
    assert_int_equal(source_open(&given, &source), ATALAYA_OK);
    assert_int_equal(block_read(source, &block), ATALAYA_OK);
    server.hang_up = true;
    enum atalaya_result result;
    while ((result = source_read(source, &block)) == ATALAYA_OK)
        continue;
    assert_int_equal(result, ATALAYA_E_GONE);
    source_close(source);
    assert_true(source_probe(&given, text, sizeof text));
    assert_non_null(strstr(text, "R820T"));
    assert_int_equal(source_open(&given, &source), ATALAYA_OK);
    frames_follow(source, 5000);
    source_close(source);
}

static void what_is_no_rtl_tcp_is_told(void **state)
{
    struct config_source given = settings();
    char text[512];
    (void)state;
    server.hello = (const uint8_t *)"SSH-2.0-OpenSSH\r\n";
    server.hello_length = 17;
    assert_false(source_probe(&given, text, sizeof text));
    assert_non_null(strstr(text, "is no rtl_tcp"));
    server_stop();
    assert_false(source_probe(&given, text, sizeof text));
    assert_non_null(strstr(text, "Connection refused"));
    strcpy(given.device, "127.0.0.1:rtl");
    assert_false(source_probe(&given, text, sizeof text));
    assert_non_null(strstr(text, "host:port"));
    listen_on(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(samples_come_whole_and_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(settings_become_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stall_moves_no_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hang_up_is_noticed_and_the_server_found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_rtl_tcp_is_told, setup, teardown),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
