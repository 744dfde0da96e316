/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a GPIO chip, by libgpiod (version 1). What a line does when the process that holds it dies is up
 * to its driver: mostly it stays. `atalaya ptt-off`, which the service runs then, drops it. */
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <string.h>

#include "transmit/ptt.h"

static const char consumer[] = "atalaya";

struct gpiod_line *gpio_line_open(const char *chip_path, unsigned line, bool output, bool inverted,
                                  struct gpiod_chip **chip, char why[PTT_TEXT_MAX])
{
    *chip = gpiod_chip_open_lookup(chip_path);
    if (!*chip) {
        snprintf(why, PTT_TEXT_MAX, "no GPIO chip %s: %s; `gpiodetect` lists them", chip_path,
                 strerror(errno));
        return NULL;
    }
    struct gpiod_line *found = gpiod_chip_get_line(*chip, line);
    int flags = inverted ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    int status = -1;
    if (found)
        status = output ? gpiod_line_request_output_flags(found, consumer, flags, 0)
                        : gpiod_line_request_input_flags(found, consumer, flags);
    if (status == 0)
        return found;
    snprintf(why, PTT_TEXT_MAX, "line %u of %s: %s; `gpioinfo` tells who has it", line, chip_path,
             strerror(errno));
    gpiod_chip_close(*chip);
    *chip = NULL;
    return NULL;
}

static enum atalaya_result gpio_key_open(struct ptt *ptt, char why[PTT_TEXT_MAX])
{
    ptt->line = gpio_line_open(ptt->settings.ptt_device, ptt->settings.ptt_line, true,
                               ptt->settings.ptt_inverted, &ptt->chip, why);
    return ptt->line ? ATALAYA_OK : ATALAYA_E_GONE;
}

static bool gpio_key_set(struct ptt *ptt, bool down)
{
    return gpiod_line_set_value(ptt->line, down) == 0;
}

static void gpio_key_close(struct ptt *ptt)
{
    gpiod_line_release(ptt->line);
    gpiod_chip_close(ptt->chip);
    ptt->line = NULL;
    ptt->chip = NULL;
}

const struct ptt_class ptt_class_gpio = {"gpio", true, gpio_key_open, gpio_key_set, gpio_key_close};
