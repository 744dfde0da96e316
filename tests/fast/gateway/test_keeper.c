/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's own part: it lets go at its limit and when no beat comes, says why, obeys, and starts with the
 * key up. The key is a pseudo-terminal that stands for a sound card's hidraw node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../../../gateway/transmit/keeper.h"
#include "atalaya/gateway/clock.h"
#include "port_bench.h"

static int far, near;
static bool down;
static struct keeper *keeper;
static struct config_transmitter settings;

/* Five bytes a report; the third has the line's level. */
static bool is_down(void)
{
    uint8_t report[5];
    while (read(far, report, sizeof report) == sizeof report)
        down = report[2] != 0;
    return down;
}

static bool goes(bool wanted, int within_ms)
{
    for (int spent_ms = 0; spent_ms < within_ms; spent_ms += 5) {
        if (is_down() == wanted)
            return true;
        (void)poll(NULL, 0, 5);
    }
    return false;
}

static void set_up(double limit_s)
{
    struct termios raw;
    down = true; /* as a crash may have left it */
    settings =
        (struct config_transmitter){.name = "out", .ptt = PTT_CM108, .ptt_line = 3, .limit_s = limit_s};
    far = far_end_open(O_NONBLOCK, settings.ptt_device, sizeof settings.ptt_device);
    near = open(settings.ptt_device, O_RDWR | O_NOCTTY);
    assert_true(near >= 0 && tcgetattr(near, &raw) == 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(near, TCSANOW, &raw), 0);
    assert_int_equal(keeper_create(&settings, getenv("ATALAYA_PROGRAM"), &keeper), ATALAYA_OK);
    assert_true(goes(false, 2000));
}

static void tear_down(void)
{
    keeper_destroy(keeper);
    assert_false(is_down());
    (void)close(near);
    (void)close(far);
}

static enum keeper_answer beat_for(int ms)
{
    enum keeper_answer answer = KEEPER_KEYED;
    for (int spent_ms = 0; spent_ms < ms && answer == KEEPER_KEYED; spent_ms += 20) {
        (void)poll(NULL, 0, 20);
        answer = keeper_beat(keeper);
    }
    return answer;
}

static void it_obeys(void **state)
{
    (void)state;
    set_up(5);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keeper_key(keeper), KEEPER_KEYED);
        assert_true(goes(true, 1000));
        assert_int_equal(beat_for(60), KEEPER_KEYED);
        assert_int_equal(keeper_drop(keeper), KEEPER_DROPPED);
        assert_true(goes(false, 1000));
    }
    tear_down();
}

static void its_limit_holds_however_well_the_gateway_does(void **state)
{
    (void)state;
    set_up(0.2);
    assert_int_equal(keeper_key(keeper), KEEPER_KEYED);
    assert_int_equal(beat_for(3000), KEEPER_LIMIT);
    assert_true(goes(false, 1000));
    assert_int_equal(keeper_drop(keeper), KEEPER_DROPPED);
    assert_int_equal(keeper_key(keeper), KEEPER_KEYED); /* and it goes on */
    tear_down();
}

static void silence_of_the_gateway_lets_go(void **state)
{
    (void)state;
    set_up(5);
    assert_int_equal(keeper_key(keeper), KEEPER_KEYED);
    assert_true(goes(true, 1000));
    assert_true(goes(false, KEEPER_STALL_MS + 1000));
    assert_int_equal(keeper_beat(keeper), KEEPER_STALLED);
    tear_down();
}

static void another_takes_over_when_it_dies(void **state)
{
    (void)state;
    set_up(5);
    assert_int_equal(keeper_key(keeper), KEEPER_KEYED);
    int first = keeper_pid(keeper);
    assert_int_equal(kill(first, SIGKILL), 0);
    assert_int_equal(beat_for(3000), KEEPER_HUNG);
    assert_true(goes(false, 2000));
    assert_int_not_equal(keeper_pid(keeper), first);
    assert_int_equal(keeper_key(keeper), KEEPER_KEYED);
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_obeys),
        cmocka_unit_test(its_limit_holds_however_well_the_gateway_does),
        cmocka_unit_test(silence_of_the_gateway_lets_go),
        cmocka_unit_test(another_takes_over_when_it_dies),
    };
    if (!getenv("ATALAYA_PROGRAM")) {
        printf("skipped: ATALAYA_PROGRAM does not name the program\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
