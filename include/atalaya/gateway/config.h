/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as the program uses it: fixed-size, filled from one table of keys
 * (gateway/config/keys.def) from which the parser, the error messages, atalaya.conf(5) and `atalaya
 * sample-config` follow. */
#ifndef ATALAYA_GATEWAY_CONFIG_H
#define ATALAYA_GATEWAY_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

enum {
    CONFIG_NAME_MAX = 33, /* ids: [A-Za-z0-9._-]{1,32} */
    CONFIG_TEXT_MAX = 129,
    CONFIG_PATH_MAX = 512,
    CONFIG_SOURCES_MAX = 16,
    CONFIG_CHANNELS_MAX = 128, /* of all sources together */
    CONFIG_PROTOCOLS_MAX = 32, /* of one channel */
    CONFIG_MODEMS_MAX = 16,    /* of one channel */
    CONFIG_BROKERS_MAX = 8,
    CONFIG_UNITS_MAX = 2048,
    CONFIG_UNIT_RADIOS_MAX = 8,
    CONFIG_DISTRESS_TEXTS_MAX = 32,
    CONFIG_CENTRES_MAX = 8,
    CONFIG_SIGNERS_MAX = 64, /* of all centres together */
    CONFIG_READERS_MAX = 16,
    CONFIG_MAY_MAX = 8,
    CONFIG_CENTRE_UNITS_MAX = 64,
    CONFIG_KINDS_MAX = 8,
    CONFIG_POLL_UNITS_MAX = 64, /* of one source */
    CONFIG_GAINS_MAX = 8,
    CONFIG_TRANSMITTERS_MAX = 4,
    CONFIG_VARIANTS_MAX = 16, /* of one channel */
    CONFIG_CODES_MAX = 256,
    CONFIG_CODE_MATCHES_MAX = 16 /* of one code */
};

struct config_site {
    char id[CONFIG_NAME_MAX];
    char title[CONFIG_TEXT_MAX];
    bool has_position;              /* a fixed, configured position */
    double lat_deg, lon_deg, alt_m; /* alt_m NaN = not given */
    bool allow_list;                /* only units of the registry are published with identity and position */
};

struct config_gpsd {
    bool enabled;
    char host[CONFIG_TEXT_MAX];
    unsigned port;
    double frozen_after_s; /* same latitude and longitude to the last digit for so long while time moves =
                              frozen */
    double stale_after_s;  /* a fix older than this is not current */
    double jump_m;         /* a move farther than this in one step is reported as a jump */
};

enum config_source_type {
    SOURCE_FILE,
    SOURCE_STDIN,
    SOURCE_ALSA,
    SOURCE_KISS,
    SOURCE_SERIAL,
    SOURCE_RTL_TCP,
    SOURCE_SOAPY
};
enum config_sample_format {
    SAMPLE_AUTO, /* a file says it itself; a pipe: s16 */
    SAMPLE_S16,
    SAMPLE_F32,
    SAMPLE_CU8, /* from here on complex: I, then Q */
    SAMPLE_CS8,
    SAMPLE_CS16,
    SAMPLE_CF32
};

struct config_channel {
    char name[CONFIG_NAME_MAX];
    unsigned source;     /* index into sources */
    double frequency_hz; /* NaN = not given; reported, and in a band the channel's place */
    unsigned lane;       /* audio channel of the source: 0 left or mono, 1 right, ... */
    bool always_on;      /* of a band: modems never rest */
    unsigned protocol_count;
    char protocols[CONFIG_PROTOCOLS_MAX][CONFIG_NAME_MAX]; /* rows of protocols.def */
    unsigned modem_count;
    char modems[CONFIG_MODEMS_MAX]
               [CONFIG_NAME_MAX]; /* rows of modems.def; none = all that the protocols use */
    unsigned variant_count;
    char variants[CONFIG_VARIANTS_MAX][CONFIG_NAME_MAX]; /* names from their `variants`; none = all */
};

struct config_source {
    char name[CONFIG_NAME_MAX];
    enum config_source_type type;
    char
        device[CONFIG_PATH_MAX]; /* ALSA PCM ("hw:1,0", "default") or serial port ("/dev/serial/by-id/...") */
    char path[CONFIG_PATH_MAX];  /* recording */
    double rate_hz;              /* all but files that say it and serial ports */
    unsigned lanes;              /* audio channels of stdin and ALSA */
    enum config_sample_format format; /* stdin and raw files */
    bool iq;                          /* two audio channels are complex baseband */
    double centre_hz; /* of complex baseband: the radio frequency at its 0 Hz; NaN = not given */
    /* Software radios. device: "host:port" of rtl_tcp, "driver=NAME,..." of SoapySDR. */
    char serial_number[CONFIG_TEXT_MAX], antenna[CONFIG_TEXT_MAX];
    double gain_db; /* NaN = automatic */
    unsigned gain_count;
    char gains[CONFIG_GAINS_MAX][CONFIG_NAME_MAX]; /* "LNA=20" */
    double ppm;
    bool bias_tee;
    bool pace;                  /* file and stdin: in real time instead of as fast as possible */
    bool loop;                  /* file: start again at the end */
    char host[CONFIG_TEXT_MAX]; /* kiss: name or address instead of a device; "" = a serial port */
    unsigned port;              /* its TCP port */
    unsigned speed_bit_s;       /* serial speed; 0 = find out */
    double answer_s;            /* serial: how long a base radio may take to carry out an order */
    unsigned poll_unit_count;
    char poll_units[CONFIG_POLL_UNITS_MAX][CONFIG_NAME_MAX]; /* serial: "100-1001" or "U01001" */
    double poll_interval_s;                                  /* each of them is asked once in this time */
    unsigned line;                                           /* in the configuration file, for messages */
};

enum config_mqtt_version { MQTT_AUTO, MQTT_5, MQTT_311 };

struct config_broker {
    char name[CONFIG_NAME_MAX];
    char host[CONFIG_TEXT_MAX];
    unsigned port;
    enum config_mqtt_version version;
    bool retain;                     /* false: the broker takes nothing that is to be retained */
    char prefix[CONFIG_TEXT_MAX];    /* "atalaya/v1" */
    char client_id[CONFIG_TEXT_MAX]; /* "" = atalaya-<site> */
    char user[CONFIG_TEXT_MAX];
    char password_file[CONFIG_PATH_MAX];       /* first line is the password; never on a command line */
    char password_credential[CONFIG_NAME_MAX]; /* name in $CREDENTIALS_DIRECTORY (systemd LoadCredential=) */
    bool tls;
    char ca_file[CONFIG_PATH_MAX]; /* "" with tls = the system's authorities */
    char certificate_file[CONFIG_PATH_MAX], key_file[CONFIG_PATH_MAX];
    unsigned keepalive_s;
    unsigned in_flight; /* QoS 1 publications without PUBACK at one time */
    double retry_min_s, retry_max_s;
    double position_precision_m; /* 0 = exact */
    bool coarse_distress;        /* that precision holds for distress too */
    unsigned seal_to_count, seal_calls_to_count;
    char seal_to[CONFIG_READERS_MAX][CONFIG_NAME_MAX];       /* readers; none = not sealed */
    char seal_calls_to[CONFIG_READERS_MAX][CONFIG_NAME_MAX]; /* of what sites tell each other */
    char reader_key_file[CONFIG_PATH_MAX];                   /* "" = this site reads nothing sealed */
    unsigned line;
};

/* Who can read what is sealed. */
struct config_reader {
    char name[CONFIG_NAME_MAX];
    char public_key[CONFIG_TEXT_MAX]; /* X25519, Base64 */
};

struct config_spool {
    char path[CONFIG_PATH_MAX]; /* SQLite file */
    uint64_t limit_bytes;       /* routine messages may fill this much */
    uint64_t reserve_bytes;     /* more room that only distress may use */
    double batch_s;             /* routine messages wait at most so long for their commit */
    uint64_t audit_limit_bytes; /* the audit log; twice as much while its lines are needed */
    uint64_t free_disk_bytes;   /* `check` complains when the disk has less */
};

enum config_tests { TESTS_ALSO, TESTS_NEVER, TESTS_ONLY };

struct config_centre {
    char name[CONFIG_NAME_MAX];
    unsigned priority; /* 1 is told first */
    unsigned unit_count;
    char units[CONFIG_CENTRE_UNITS_MAX][CONFIG_TEXT_MAX]; /* none = all; "air-*" */
    unsigned kind_count;
    char kinds[CONFIG_KINDS_MAX][CONFIG_NAME_MAX]; /* none = all */
    double area_lat_deg, area_lon_deg, area_km;    /* NaN = everywhere */
    enum config_tests tests;
    double deliver_s, receive_s, acknowledge_s;
    unsigned broker_count;
    char brokers[CONFIG_BROKERS_MAX][CONFIG_NAME_MAX]; /* best first; none = all */
    bool accept_unsigned;
};

/* A key whose commands are obeyed. */
struct config_signer {
    char name[CONFIG_NAME_MAX];
    unsigned centre;                  /* index into centres */
    char public_key[CONFIG_TEXT_MAX]; /* Base64 of 32 bytes; "" = switched off */
    unsigned may_count;
    char may[CONFIG_MAY_MAX][CONFIG_NAME_MAX]; /* names of commands */
};

struct config_command {
    double skew_s; /* a centre's clock may run ahead this far */
};

enum config_ptt { PTT_VOX, PTT_RTS, PTT_DTR, PTT_GPIO, PTT_CM108, PTT_RIGCTLD };
enum config_carrier { CARRIER_SOUND, CARRIER_QUIET, CARRIER_NONE };
enum config_inhibit { INHIBIT_NONE, INHIBIT_CTS, INHIBIT_GPIO, INHIBIT_FILE };

/* A radio that sends. Where its channel is a TNC's, the TNC keys it and everything from device to airtime_s
 * is its own affair. */
struct config_transmitter {
    char name[CONFIG_NAME_MAX];
    char channel[CONFIG_NAME_MAX]; /* where it can be heard, and hears whether the channel is busy */
    unsigned radio_count;
    char radios[CONFIG_UNIT_RADIOS_MAX][CONFIG_TEXT_MAX]; /* what it calls itself, "<address space>.<id>" */
    char device[CONFIG_TEXT_MAX];                         /* ALSA PCM */
    double rate_hz, level_db;
    enum config_ptt ptt;
    char ptt_device[CONFIG_PATH_MAX]; /* serial port, GPIO chip, hidraw node, host:port */
    unsigned ptt_line;                /* of the chip */
    bool ptt_inverted;
    double txdelay_s, tail_s;
    enum config_carrier carrier;
    double carrier_db; /* dBFS */
    double persistence, slot_s;
    enum config_inhibit inhibit;
    char inhibit_device[CONFIG_PATH_MAX]; /* "" with cts = that of the PTT */
    unsigned inhibit_line;
    bool inhibit_inverted;
    double limit_s;                          /* keyed in one go */
    double airtime_s;                        /* keyed in any hour */
    unsigned centre_per_hour, unit_per_hour; /* messages that are not answers to a distress */
    unsigned line;
};

/* What radios are told, by whichever transmitter. */
struct config_answer {
    bool heard, received, acknowledged; /* which of the three answers to a distress are given */
    char heard_text[CONFIG_TEXT_MAX], received_text[CONFIG_TEXT_MAX], acknowledged_text[CONFIG_TEXT_MAX];
    double silence_s; /* a better placed site that has not answered in so long does not */
    unsigned repeats;
    double repeat_s;
};

struct config_unit {
    char name[CONFIG_NAME_MAX]; /* the unit's name in topics */
    char crew[CONFIG_TEXT_MAX];
    unsigned radio_count;
    char radios[CONFIG_UNIT_RADIOS_MAX][CONFIG_TEXT_MAX]; /* "<address space>.<id>", e.g. ax25.N0CALL-9 */
    double expect_every_s; /* it is heard of at least so often; 0: nobody expects that */
};

enum config_code_distress { CODE_NO_DISTRESS, CODE_RAISES, CODE_DRILL, CODE_CANCELS };

/* What a number means in this fleet. */
struct config_code {
    char name[CONFIG_NAME_MAX];
    unsigned match_count;
    char match[CONFIG_CODE_MATCHES_MAX][CONFIG_TEXT_MAX]; /* "protocol.field=pattern" */
    enum config_code_distress distress;
    char text[CONFIG_TEXT_MAX];
};

/* How long after the last hearing a repeat still belongs to an incident. */
struct distress_windows {
    double join_s;           /* of one that is open, or that a centre closed */
    double cancelled_join_s; /* of one that the radio took back, from that moment on: short, for whoever takes
                                a call back and then calls again means it */
};

struct config_distress {
    bool trust_repaired; /* a frame with corrected bits raises distress at its first hearing */
    unsigned text_count;
    char texts[CONFIG_DISTRESS_TEXTS_MAX][CONFIG_TEXT_MAX]; /* case-insensitive words that raise distress */
    unsigned test_text_count;
    char test_texts[CONFIG_DISTRESS_TEXTS_MAX][CONFIG_TEXT_MAX]; /* words that make a distress a test */
    struct distress_windows windows;
    char alarm_command[CONFIG_PATH_MAX]; /* "" = none */
};

struct config_report {
    double health_s, stats_s; /* intervals of site/S/health and site/S/stats */
    bool rx;                  /* publish every reception on site/S/rx */
    bool activity;            /* and every transmission on site/S/activity/CHANNEL */
};

/* How the tower watches itself. 0 switches each of them off. */
struct config_guard {
    double fall_db, rise_db; /* of the noise, from what is usual */
    double after_s, learn_s;
    double quiet_limit_s;
    double self_test_s, self_test_first_s, self_test_db, self_test_wait_s;
};

struct config {
    char file[CONFIG_PATH_MAX]; /* where it came from */
    bool is_kept;               /* it is the last good one: what is there now is not usable */
    struct config_site site;
    struct config_gpsd gpsd;
    struct config_spool spool;
    struct config_distress distress;
    struct config_report report;
    struct config_guard guard;
    struct config_command command;
    struct config_answer answer;
    unsigned source_count, channel_count, broker_count, centre_count, signer_count, unit_count,
        transmitter_count, code_count, reader_count;
    struct config_source source[CONFIG_SOURCES_MAX];
    struct config_channel channel[CONFIG_CHANNELS_MAX];
    struct config_broker broker[CONFIG_BROKERS_MAX];
    struct config_reader reader[CONFIG_READERS_MAX];
    struct config_centre centre[CONFIG_CENTRES_MAX];
    struct config_signer signer[CONFIG_SIGNERS_MAX];
    struct config_transmitter transmitter[CONFIG_TRANSMITTERS_MAX];
    struct config_unit unit[CONFIG_UNITS_MAX];
    struct config_code code[CONFIG_CODES_MAX];
};

/* One complaint about a configuration: place is "file:line", or "file" for the file as a whole. Without an
 * error the configuration can be used. */
typedef void config_complaint(void *context, bool is_error, const char *place, const char *text);
/* The complaint of programs at a terminal: "place: [warning: ]text" on standard error. */
config_complaint config_complain_to_stderr;
/* For who only looks something up: warnings are for `check` and `run`. */
config_complaint config_complain_errors_to_stderr;

/* Can topics begin so? Words with / between them, without + # and $. */
bool config_prefix_valid(const char *prefix);

/* Reads a file. Every error is reported through `complain` with file:line and what to do; an unknown key
 * names the nearest known one. On anything but ATALAYA_OK, *config is NULL. Free with config_free. Main
 * thread. */
enum atalaya_result config_load(const char *path, struct config **config, config_complaint *complain,
                                void *context);
/* The same from memory (size bytes, not terminated); `name` stands for the file in complaints. */
enum atalaya_result config_parse(const char *text, size_t size, const char *name, struct config **config,
                                 config_complaint *complain, void *context);
void config_free(struct config *config);

/* A copy of the file, if it is good, for a start on which it is damaged or wrong: in the state directory that
 * systemd gives the service (STATE_DIRECTORY), else nothing is kept. False: it could not be written; errno.
 */
bool config_keep(const char *path);
bool config_is_kept(void);
/* That copy, as if it stood in this file. */
enum atalaya_result config_load_kept(const char *path, struct config **config);

/* Prints a commented sample of every key / the KEYS part of atalaya.conf(5) in mdoc, both from the table. */
#include <stdio.h>
void config_print_sample(FILE *out);
void config_print_manual(FILE *out);

#endif
