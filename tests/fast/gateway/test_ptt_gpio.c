/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and inhibit inputs on a GPIO chip. This kernel has no gpio-sim: the four calls of libgpiod that matter
 * are played here, so that what the program asks of it is proven, and what a chip does is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <gpiod.h>
#include <string.h>

#include "../../../gateway/transmit/ptt.h"

static struct {
    bool present, works;
    int key, inhibit; /* levels */
    int flags, opened, closed, released;
} chip;
static int a_chip, key_line, inhibit_line;

struct gpiod_chip *gpiod_chip_open_lookup(const char *path)
{
    assert_string_equal(path, "/dev/gpiochip0");
    if (!chip.present) {
        errno = ENOENT;
        return NULL;
    }
    chip.opened++;
    return (struct gpiod_chip *)(void *)&a_chip;
}

void gpiod_chip_close(struct gpiod_chip *it)
{
    assert_ptr_equal(it, &a_chip);
    chip.closed++;
}

struct gpiod_line *gpiod_chip_get_line(struct gpiod_chip *it, unsigned int offset)
{
    assert_ptr_equal(it, &a_chip);
    return (struct gpiod_line *)(void *)(offset == 17 ? &key_line : &inhibit_line);
}

int gpiod_line_request_output_flags(struct gpiod_line *line, const char *consumer, int flags, int value)
{
    assert_ptr_equal(line, &key_line);
    assert_string_equal(consumer, "atalaya");
    assert_int_equal(value, 0); /* up, from the first moment on */
    chip.flags = flags;
    chip.key = 0;
    return 0;
}

int gpiod_line_request_input_flags(struct gpiod_line *line, const char *consumer, int flags)
{
    (void)consumer;
    (void)flags;
    assert_ptr_equal(line, &inhibit_line);
    return 0;
}

int gpiod_line_set_value(struct gpiod_line *line, int value)
{
    assert_ptr_equal(line, &key_line);
    if (!chip.works)
        return -1;
    chip.key = value;
    return 0;
}

int gpiod_line_get_value(struct gpiod_line *line)
{
    assert_ptr_equal(line, &inhibit_line);
    return chip.works ? chip.inhibit : -1;
}

void gpiod_line_release(struct gpiod_line *line)
{
    (void)line;
    chip.released++;
}

static const struct config_transmitter settings = {.name = "out",
                                                   .ptt = PTT_GPIO,
                                                   .ptt_device = "/dev/gpiochip0",
                                                   .ptt_line = 17,
                                                   .inhibit = INHIBIT_GPIO,
                                                   .inhibit_device = "/dev/gpiochip0",
                                                   .inhibit_line = 4};
static struct ptt ptt;
static char why[PTT_TEXT_MAX];

static int reset(void **state)
{
    (void)state;
    memset(&chip, 0, sizeof chip);
    chip.present = chip.works = true;
    return 0;
}

static void a_line_goes_down_and_up(void **state)
{
    (void)state;
    assert_int_equal(ptt_open(&ptt, &settings, why), ATALAYA_OK);
    assert_true(ptt_set(&ptt, true));
    assert_int_equal(chip.key, 1);
    ptt_close(&ptt);
    assert_int_equal(chip.key, 0);
    assert_int_equal(chip.opened, chip.closed);
    assert_int_equal(chip.released, 2);
    struct config_transmitter inverted = settings;
    inverted.ptt_inverted = true;
    assert_int_equal(ptt_open(&ptt, &inverted, why), ATALAYA_OK);
    assert_int_equal(chip.flags, GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW);
    ptt_close(&ptt);
}

static void an_input_forbids_also_when_it_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(ptt_open(&ptt, &settings, why), ATALAYA_OK);
    assert_false(ptt_is_inhibited(&ptt));
    chip.inhibit = 1;
    assert_true(ptt_is_inhibited(&ptt));
    chip.inhibit = 0;
    chip.works = false;
    assert_true(ptt_is_inhibited(&ptt));
    ptt_close(&ptt);
}

static void a_chip_that_is_not_there_or_does_not_obey_is_said(void **state)
{
    (void)state;
    chip.present = false;
    assert_int_equal(ptt_open(&ptt, &settings, why), ATALAYA_E_GONE);
    assert_non_null(strstr(why, "gpiodetect"));
    chip.present = true;
    chip.works = false;
    assert_int_equal(ptt_open(&ptt, &settings, why), ATALAYA_E_GONE);
    assert_non_null(strstr(why, "does not obey"));
    assert_false(ptt_set(&ptt, true)); /* of what is not open */
    assert_int_equal(chip.opened, chip.closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_goes_down_and_up, reset),
        cmocka_unit_test_setup(an_input_forbids_also_when_it_cannot_be_read, reset),
        cmocka_unit_test_setup(a_chip_that_is_not_there_or_does_not_obey_is_said, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
