/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a transmitter, and what forbids to use it. Lives in the keeper's process, and in `atalaya
 * ptt-off`. One thread; nothing here waits longer than PTT_PATIENCE_MS. */
#ifndef ATALAYA_TRANSMIT_PTT_H
#define ATALAYA_TRANSMIT_PTT_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/serial.h"

enum { PTT_TEXT_MAX = SERIAL_TEXT_MAX, PTT_PATIENCE_MS = 300 };

/* One way to key. All of them: open leaves the key up; set false: the device is gone; close leaves it up. */
struct ptt;
struct ptt_class {
    const char *name;
    bool repeats; /* saying again that it is down costs nothing, and shows whether it is still there */
    enum atalaya_result (*open)(struct ptt *ptt, char why[PTT_TEXT_MAX]);
    bool (*set)(struct ptt *ptt, bool down);
    void (*close)(struct ptt *ptt);
};
extern const struct ptt_class ptt_class_vox, ptt_class_serial, ptt_class_gpio, ptt_class_cm108,
    ptt_class_rigctld;

struct gpiod_chip;
struct gpiod_line;

struct ptt {
    struct config_transmitter settings;
    const struct ptt_class *class; /* NULL = not open */
    int fd;                        /* hidraw, socket */
    struct serial *serial;
    struct gpiod_chip *chip;
    struct gpiod_line *line;
    /* of the inhibit input, where it has a device of its own */
    struct serial *inhibit_serial;
    struct gpiod_chip *inhibit_chip;
    struct gpiod_line *inhibit_line;
};

/* Opens key and inhibit input; the key is up when it returns. why: what is wrong, and what to do. */
enum atalaya_result ptt_open(struct ptt *ptt, const struct config_transmitter *settings,
                             char why[PTT_TEXT_MAX]);
/* false: the device is gone. The key is believed up only when ptt_set(false) has returned true. */
bool ptt_set(struct ptt *ptt, bool down);
/* What cannot be read forbids. */
bool ptt_is_inhibited(struct ptt *ptt);
void ptt_close(struct ptt *ptt); /* the key up first; also of one that is not open */

/* inhibit.c: part of the above. */
enum atalaya_result inhibit_open(struct ptt *ptt, char why[PTT_TEXT_MAX]);
bool inhibit_read(struct ptt *ptt);
void inhibit_close(struct ptt *ptt);

/* ptt_gpio.c: a line as output (up) or input. NULL: why says it. */
struct gpiod_line *gpio_line_open(const char *chip_path, unsigned line, bool output, bool inverted,
                                  struct gpiod_chip **chip, char why[PTT_TEXT_MAX]);

#endif
