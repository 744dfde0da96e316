/* SPDX-License-Identifier: Apache-2.0 */
/* A TNC at a TCP port: it is away, comes, hangs up, resets the connection in the middle of a frame, takes
 * connections only to end them, or takes none and says nothing. The loop goes on, what was heard is told
 * once, no descriptor stays behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/kiss.h"
#include "atalaya/gateway/tnc.h"

enum { STEP_US = 20000, BACK_MS = 5000, MANY = 12000, TAKEN_MAX = 65536 };

static struct {
    unsigned frames, strange;
    uint32_t next; /* number of the frame that is due */
} heard;

struct rig {
    int listener, far;
    struct config_source settings;
    sd_event *event;
    struct tnc *tnc;
};

static enum atalaya_result on_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                    int64_t mono_ns)
{
    uint32_t number = UINT32_MAX;
    (void)context;
    (void)mono_ns;
    if (length == sizeof number)
        memcpy(&number, frame, sizeof number);
    heard.frames++;
    heard.strange += port != 2 || number != heard.next;
    heard.next = number + 1;
    return ATALAYA_OK;
}

static void listen_again(struct rig *rig, int backlog)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    address.sin_port = htons((uint16_t)rig->settings.port);
    rig->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(rig->listener >= 0);
    assert_int_equal(setsockopt(rig->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(rig->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(rig->listener, backlog), 0);
    assert_int_equal(getsockname(rig->listener, (struct sockaddr *)&address, &size), 0);
    rig->settings.port = ntohs(address.sin_port);
}

static int rig_make(void **state)
{
    static struct rig rig;
    memset(&heard, 0, sizeof heard);
    rig = (struct rig){.far = -1,
                       .settings = {.name = "ridge", .type = SOURCE_KISS, .host = "127.0.0.1", .port = 0}};
    listen_again(&rig, 4);
    assert_true(sd_event_new(&rig.event) >= 0);
    *state = &rig;
    return 0;
}

static int rig_remove(void **state)
{
    struct rig *rig = *state;
    tnc_destroy(rig->tnc);
    (void)sd_event_unref(rig->event);
    if (rig->far >= 0)
        (void)close(rig->far);
    if (rig->listener >= 0)
        (void)close(rig->listener);
    return 0;
}

static void start(struct rig *rig)
{
    assert_int_equal(tnc_create(rig->event, &rig->settings, on_frame, NULL, &rig->tnc), ATALAYA_OK);
}

static struct tnc_figures figures_of(const struct rig *rig)
{
    struct tnc_figures figures;
    tnc_figures(rig->tnc, &figures);
    return figures;
}

static void run_for(struct rig *rig, int ms)
{
    int64_t end_ns = clock_mono_ns() + (int64_t)ms * 1000000;
    while (clock_mono_ns() < end_ns)
        assert_true(sd_event_run(rig->event, STEP_US) >= 0);
}

/* Runs the loop until somebody calls. */
static void answer(struct rig *rig)
{
    int64_t end_ns = clock_mono_ns() + (int64_t)BACK_MS * 1000000;
    do {
        assert_true(clock_mono_ns() < end_ns);
        assert_true(sd_event_run(rig->event, STEP_US) >= 0);
        rig->far = accept4(rig->listener, NULL, NULL, SOCK_CLOEXEC);
    } while (rig->far < 0);
}

static void run_until_present(struct rig *rig, bool present)
{
    int64_t end_ns = clock_mono_ns() + (int64_t)BACK_MS * 1000000;
    while (figures_of(rig).present != present) {
        assert_true(clock_mono_ns() < end_ns);
        assert_true(sd_event_run(rig->event, STEP_US) >= 0);
    }
}

static void hang_up(struct rig *rig, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset)
        assert_int_equal(setsockopt(rig->far, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    assert_int_equal(close(rig->far), 0);
    rig->far = -1;
}

static void say(struct rig *rig, const void *bytes, size_t size)
{
    assert_int_equal(send(rig->far, bytes, size, MSG_NOSIGNAL), size);
}

static size_t numbered(uint32_t number, uint8_t *bytes, size_t max)
{
    return kiss_encode(2, 0, (const uint8_t *)&number, sizeof number, bytes, max);
}

static void say_numbered(struct rig *rig, uint32_t number)
{
    uint8_t bytes[32];
    say(rig, bytes, numbered(number, bytes, sizeof bytes));
}

static void one_that_is_away_at_the_start_is_awaited_and_says_why(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(close(rig->listener), 0);
    start(rig);
    assert_true(figures_of(rig).starting);
    assert_int_equal(tnc_send(rig->tnc, 0, (const uint8_t *)"x", 1), ATALAYA_E_GONE);
    run_for(rig, 1300);
    assert_false(figures_of(rig).starting || figures_of(rig).present);
    assert_non_null(strstr(figures_of(rig).fault, "Connection refused"));
    listen_again(rig, 4);
    answer(rig);
    say_numbered(rig, 0);
    run_until_present(rig, true);
    assert_string_equal(figures_of(rig).fault, "");
    assert_int_equal(figures_of(rig).reconnects, 1);
    assert_int_equal(heard.frames, 1);
    assert_int_equal(heard.strange, 0);
}

/* Once with a hang-up, once with a reset: what follows would make a whole frame of it. */
static void half_a_frame_of_a_lost_connection_joins_nothing(void **state)
{
    struct rig *rig = *state;
    start(rig);
    answer(rig);
    say_numbered(rig, 0);
    for (uint32_t turn = 1; turn <= 2; turn++) {
        uint8_t bytes[32];
        size_t size = numbered(77, bytes, sizeof bytes);
        say(rig, bytes, size / 2);
        run_until_present(rig, true);
        hang_up(rig, turn == 2);
        run_until_present(rig, false);
        assert_string_equal(figures_of(rig).fault, turn == 2 ? "Connection reset by peer" : "it hung up");
        answer(rig);
        say(rig, bytes + size / 2, size - size / 2);
        say_numbered(rig, turn);
        run_for(rig, 100);
        assert_int_equal(heard.frames, turn + 1);
    }
    assert_int_equal(heard.strange, 0);
    assert_int_equal(figures_of(rig).reconnects, 2);
}

static void what_came_before_the_end_is_heard_once(void **state)
{
    static uint8_t bytes[MANY * 16];
    struct rig *rig = *state;
    const int room = sizeof bytes;
    size_t size = 0;
    start(rig);
    assert_int_equal(setsockopt(rig->listener, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    answer(rig);
    for (uint32_t i = 0; i < MANY; i++)
        size += numbered(i, bytes + size, sizeof bytes - size);
    assert_true(size < sizeof bytes);
    for (size_t at = 0; at < size;) {
        ssize_t sent = send(rig->far, bytes + at, size - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            at += (size_t)sent;
        else
            assert_true(sd_event_run(rig->event, STEP_US) >= 0);
    }
    hang_up(rig, false);
    run_for(rig, 500);
    assert_false(figures_of(rig).present);
    assert_int_equal(heard.frames, MANY);
    assert_int_equal(heard.strange, 0);
}

static void one_that_only_ends_connections_is_called_ever_more_rarely_and_no_news(void **state)
{
    struct rig *rig = *state;
    unsigned calls = 0;
    int64_t end_ns = clock_mono_ns() + INT64_C(3600000000);
    start(rig);
    while (clock_mono_ns() < end_ns) {
        assert_true(sd_event_run(rig->event, STEP_US) >= 0);
        assert_false(figures_of(rig).present);
        int far = accept4(rig->listener, NULL, NULL, SOCK_CLOEXEC);
        calls += far >= 0;
        if (far >= 0)
            assert_int_equal(close(far), 0);
    }
    assert_in_range(calls, 2, 4); /* after 0, 1 and 3 s; a second to spare */
    assert_int_equal(figures_of(rig).reconnects, 0);
    assert_string_equal(figures_of(rig).fault, "it hung up");
}

static void what_it_no_longer_takes_is_refused_and_told_as_lost(void **state)
{
    struct rig *rig = *state;
    uint8_t frame[KISS_FRAME_MAX] = {0};
    enum atalaya_result result = ATALAYA_OK;
    const int room = 4096;
    assert_int_equal(setsockopt(rig->listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    start(rig);
    answer(rig);
    say_numbered(rig, 0);
    run_until_present(rig, true);
    assert_int_equal(tnc_send(rig->tnc, 0, frame, 1), ATALAYA_OK);
    run_for(rig, 100);
    assert_true(tnc_is_flushed(rig->tnc)); /* its kernel has confirmed it */
    size_t taken = 0;
    while (result == ATALAYA_OK && taken < TAKEN_MAX) {
        result = tnc_send(rig->tnc, 0, frame, sizeof frame);
        taken += sizeof frame;
    }
    assert_int_equal(result, ATALAYA_E_FULL); /* the kernels would hold megabytes, and send them some day */
    run_for(rig, 100);
    assert_false(tnc_is_flushed(rig->tnc));
    unsigned losses = tnc_losses(rig->tnc);
    hang_up(rig, true);
    run_until_present(rig, false);
    assert_int_equal(tnc_losses(rig->tnc), losses + 1);
    assert_non_null(strstr(figures_of(rig).fault, "bytes to be sent are lost"));
    assert_int_equal(tnc_send(rig->tnc, 0, frame, 1), ATALAYA_E_GONE);
}

static unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    assert_int_equal(closedir(folder), 0);
    return count;
}

/* A listener whose queue is full lets callers wait. Whoever gives up meanwhile does not wait with them. */
static void a_call_without_an_answer_holds_nobody_up_and_leaves_nothing(void **state)
{
    struct rig *rig = *state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int queued[2];
    assert_int_equal(close(rig->listener), 0);
    listen_again(rig, 0);
    address.sin_port = htons((uint16_t)rig->settings.port);
    for (size_t i = 0; i < 2; i++) {
        queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(queued[i] >= 0);
        (void)connect(queued[i], (struct sockaddr *)&address, sizeof address);
    }
    unsigned before = descriptors();
    start(rig);
    run_for(rig, 300);
    assert_true(figures_of(rig).starting);
    assert_true(descriptors() > before);
    tnc_destroy(rig->tnc);
    rig->tnc = NULL;
    (void)sd_event_unref(rig->event); /* it keeps a descriptor for timers of its own */
    assert_true(sd_event_new(&rig->event) >= 0);
    int64_t end_ns = clock_mono_ns() + (int64_t)2 * BACK_MS * 1000000;
    while (descriptors() > before) {
        assert_true(clock_mono_ns() < end_ns);
        (void)usleep(STEP_US);
    }
    assert_int_equal(close(queued[0]) | close(queued[1]), 0);
}

/* Who vanishes without a word is found by the kernel's asking: tests/soak/test_tnc_vanished.py waits for it.
 */
static void a_connection_at_rest_is_asked_after(void **state)
{
    struct rig *rig = *state;
    int on = 0, idle_s = 0, found = 0;
    unsigned patience_ms = 0;
    start(rig);
    answer(rig);
    say_numbered(rig, 0);
    run_until_present(rig, true);
    for (int fd = 3; fd < 64; fd++) {
        struct sockaddr_in far = {0};
        socklen_t size = sizeof far, four = sizeof(int);
        if (getpeername(fd, (struct sockaddr *)&far, &size) != 0 || ntohs(far.sin_port) != rig->settings.port)
            continue;
        found++;
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &four), 0);
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, &four), 0);
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, &four), 0);
    }
    assert_int_equal(found, 1);
    assert_int_equal(on, 1);
    assert_in_range(idle_s, 1, 10);
    assert_in_range(patience_ms, 1000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_is_away_at_the_start_is_awaited_and_says_why, rig_make,
                                        rig_remove),
        cmocka_unit_test_setup_teardown(half_a_frame_of_a_lost_connection_joins_nothing, rig_make,
                                        rig_remove),
        cmocka_unit_test_setup_teardown(what_came_before_the_end_is_heard_once, rig_make, rig_remove),
        cmocka_unit_test_setup_teardown(one_that_only_ends_connections_is_called_ever_more_rarely_and_no_news,
                                        rig_make, rig_remove),
        cmocka_unit_test_setup_teardown(what_it_no_longer_takes_is_refused_and_told_as_lost, rig_make,
                                        rig_remove),
        cmocka_unit_test_setup_teardown(a_call_without_an_answer_holds_nobody_up_and_leaves_nothing, rig_make,
                                        rig_remove),
        cmocka_unit_test_setup_teardown(a_connection_at_rest_is_asked_after, rig_make, rig_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
