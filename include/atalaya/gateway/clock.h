/* SPDX-License-Identifier: Apache-2.0 */
/* Every assumption about time. Durations are monotonic (CLOCK_BOOTTIME counts suspended time too, and is what
 * mono_ns means everywhere); wall time is stamped once. Any thread. */
#ifndef ATALAYA_GATEWAY_CLOCK_H
#define ATALAYA_GATEWAY_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"

enum time_source { TIME_NONE, TIME_RTC, TIME_NTP, TIME_GPS };

/* "none", "rtc", "ntp", "gps". */
const char *time_source_text(enum time_source source);

/* What is known of the wall clock at one moment. */
struct clock_quality {
    enum time_source source;
    int64_t error_ns; /* bound of the error, < 0 = unknown */
};

int64_t clock_mono_ns(void);
int64_t clock_utc_ns(void); /* CLOCK_REALTIME, since 1970 */
/* Wall time of a moment on the monotonic clock, by the clocks as they stand now. */
int64_t clock_utc_of_mono(int64_t mono_ns);

/* Quality of the system clock alone, without gpsd: TIME_NTP with the kernel's estimate where adjtimex says
 * synchronised, TIME_RTC where the date is plausible (not before this program was built), else TIME_NONE. */
struct clock_quality clock_system_quality(void);

enum { CLOCK_TEXT_MAX = 32 };
/* RFC 3339, UTC, milliseconds, Z: "2026-11-23T22:31:05.123Z" [size: CLOCK_TEXT_MAX]. Returns text. */
char *clock_format(int64_t utc_ns, char text[CLOCK_TEXT_MAX]);

/* Completes a time as radios send it with the instant near_utc_ns: the latest moment that matches and is not
 * more than ahead_s after it. Returns INT64_MIN when parts are missing or impossible, or the zone is not UTC.
 */
int64_t clock_complete(const struct partial_time *partial, int64_t near_utc_ns, int ahead_s);

#endif
