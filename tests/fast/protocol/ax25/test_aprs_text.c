/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, messages, queries, status, third-party and foreign packets (chapters 11, 14 to 20). */
#include "test_aprs_describe.h"

static const struct example examples[] = {
    {"APZATA", ";LEADER   *092345z/5L!!<*e7>7P[",
     "object 49.50000,-72.75000+-0.146 88deg 36.23kn time=-1/9 23:45:-1 object=LEADER alive=yes gps_fix=yes "
     "format=compressed symbol=/> resolution_m=0.291"},
    {"APZATA", ")AID#2!3213.50N/07201.75WA",
     "object 32.22500,-72.02917+-9.26 item=AID#2 alive=yes format=uncompressed symbol=/A "
     "position_ambiguity=0 resolution_m=18.52"},
    {"APZATA", ")G/N0CALL!53  .  N\\002  .  Wd",
     "object 53.50000,-2.50000+-5.56e+04 item=G/N0CALL alive=yes format=uncompressed symbol=\\d "
     "position_ambiguity=4 resolution_m=1.111e+05"},
    {"APZATA", ")MOBIL!\\5L!!<*e79 sT",
     "object 49.50000,-72.75000+-0.146 item=MOBIL alive=yes format=compressed symbol=\\9 resolution_m=0.291"},
    {"APZATA", ";SEARCH   *092345z3213.50N\\07201.75Wl710/310",
     "object 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 object=SEARCH alive=yes format=uncompressed "
     "symbol=\\l position_ambiguity=0 resolution_m=18.52 area_type=7 area_color=3 "
     "area_lat_offset_deg=0.06667 area_lon_offset_deg=0.06667"},
    {"APZATA", ";SEARCH   *092345z3213.50N\\07201.75Wl8101310",
     "object 32.22500,-72.02917+-9.26 time=-1/9 23:45:-1 object=SEARCH alive=yes format=uncompressed "
     "symbol=\\l position_ambiguity=0 resolution_m=18.52 area_type=8 area_color=13 "
     "area_lat_offset_deg=0.06667 area_lon_offset_deg=0.06667"},
    {"APZATA", ";FLIGHTPTH*3213.50N\\07201.75Wl610/310{100}",
     "object BROKEN 32.22500,-72.02917+-9.26 object=FLIGHTPTH alive=yes fault=time_invalid fault_detail=an "
     "object has a timestamp format=uncompressed symbol=\\l position_ambiguity=0 resolution_m=18.52 "
     "area_type=6 area_color=3 area_lat_offset_deg=0.06667 area_lon_offset_deg=0.06667 comment={100}"},
    {"APZATA", ")I91 3N!3213.50N\\07201.75Wm{55}",
     "object 32.22500,-72.02917+-9.26 item=I91 3N alive=yes format=uncompressed symbol=\\m "
     "position_ambiguity=0 resolution_m=18.52 comment={55}"},
    {"APZATA", ":N0CALL-11:PARM.Battery,Btemp,ATemp,Pres,Alt,Camra,Chut,Sun,10m,ATV",
     "telemetry to=N0CALL-11 text=PARM.Battery,Btemp,ATemp,Pres,Alt,Camra,Chut,Sun,10m,ATV "
     "telemetry.names[]=Battery telemetry.names[]=Btemp telemetry.names[]=ATemp telemetry.names[]=Pres "
     "telemetry.names[]=Alt telemetry.names[]=Camra telemetry.names[]=Chut telemetry.names[]=Sun "
     "telemetry.names[]=10m telemetry.names[]=ATV"},
    {"APZATA", ":N0CALL-11:UNIT.v/100,deg.F,deg.F,Mbar,Kft,Click,OPEN,on,on,hi",
     "telemetry to=N0CALL-11 text=UNIT.v/100,deg.F,deg.F,Mbar,Kft,Click,OPEN,on,on,hi "
     "telemetry.units[]=v/100 telemetry.units[]=deg.F telemetry.units[]=deg.F telemetry.units[]=Mbar "
     "telemetry.units[]=Kft telemetry.units[]=Click telemetry.units[]=OPEN telemetry.units[]=on "
     "telemetry.units[]=on telemetry.units[]=hi"},
    {"APZATA", ":N0CALL-11:EQNS.0,5.2,0,0,.53,-32,3,4.39,49,-32,3,18,1,2,3",
     "telemetry to=N0CALL-11 text=EQNS.0,5.2,0,0,.53,-32,3,4.39,49,-32,3,18,1,2,3 telemetry.equations[]=0 "
     "telemetry.equations[]=5.2 telemetry.equations[]=0 telemetry.equations[]=0 telemetry.equations[]=0.53 "
     "telemetry.equations[]=-32 telemetry.equations[]=3 telemetry.equations[]=4.39 telemetry.equations[]=49 "
     "telemetry.equations[]=-32 telemetry.equations[]=3 telemetry.equations[]=18 telemetry.equations[]=1 "
     "telemetry.equations[]=2 telemetry.equations[]=3"},
    {"APZATA", ":N0CALL-11:BITS.10110000,N0CALL's Big Balloon",
     "telemetry to=N0CALL-11 text=BITS.10110000,N0CALL's Big Balloon telemetry.bit_sense=10110000 "
     "telemetry.project=N0CALL's Big Balloon"},
    {"APZATA", ":N0CALL   :Testing", "text to=N0CALL text=Testing"},
    {"APZATA", ":N0CALL   :Testing{003", "text to=N0CALL text=Testing message_id=003"},
    {"APZATA", ":N0CALL-14:ack003", "acknowledge to=N0CALL-14 ack_id=003"},
    {"APZATA", ":N0CALL-14:rej003", "acknowledge to=N0CALL-14 reject_id=003"},
    {"APZATA", ":N0CALL-14:ackMM}AA", "acknowledge to=N0CALL-14 ack_id=MM reply_ack=AA"},
    {"APZATA", ":N0CALL-14:hello{MM}AA", "text to=N0CALL-14 text=hello message_id=MM reply_ack=AA"},
    {"APZATA", ":N0CALL-14:hello{MM}", "text to=N0CALL-14 text=hello message_id=MM reply_ack="},
    {"APZATA", ":BLN3     :Flash flood in the wash",
     "text to=BLN3 bulletin_id=3 text=Flash flood in the wash"},
    {"APZATA", ":BLN4WX   :Close the ford",
     "text to=BLN4WX bulletin_id=4 bulletin_group=WX text=Close the ford"},
    {"APZATA", ":NWS-WARN :092010z,FLOOD,AZ_PIMA,{S9JbA",
     "text to=NWS-WARN text=092010z,FLOOD,AZ_PIMA, message_id=S9JbA"},
    {"APZATA", "?APRS?", "query query=APRS"},
    {"APZATA", "?APRS? 34.02,-117.15,0200",
     "query query=APRS query_lat_deg=34.02 query_lon_deg=-117.2 query_range_km=321.9"},
    {"APZATA", ":N0CALL   :?APRSD", "query to=N0CALL text=?APRSD query=APRSD"},
    {"APZATA", ":N0CALL   :?APRSHN1CALL    ",
     "query to=N0CALL text=?APRSHN1CALL     query=APRSH query_argument=N1CALL"},
    {"APZATA", ":N0CALL   :?PING?", "query to=N0CALL text=?PING? query=PING"},
    {"APZATA", "<IGATE,MSG_CNT=43,LOC_CNT=14",
     "other capabilities[]=IGATE capabilities[]=MSG_CNT=43 capabilities[]=LOC_CNT=14"},
    {"APZATA", ">Net Control Center", "status status=Net Control Center"},
    {"APZATA", ">092345zNet Control Center", "status time=-1/9 23:45:-1 status=Net Control Center"},
    {"APZATA", ">IO91SX/G",
     "status 51.97917,-0.45833+-4.63e+03 format=maidenhead maidenhead=IO91SX resolution_m=9260 symbol=/G "
     "status=IO91SX/G"},
    {"APZATA", ">IO91/G",
     "status 51.50000,-1.00000+-1.11e+05 format=maidenhead maidenhead=IO91 resolution_m=2.222e+05 symbol=/G "
     "status=IO91/G"},
    {"APZATA", ">IO91SX/- My house",
     "status 51.97917,-0.45833+-4.63e+03 format=maidenhead maidenhead=IO91SX resolution_m=9260 symbol=/- "
     "status=IO91SX/- My house"},
    {"APZATA", ">IO91SX/- ^B7",
     "status 51.97917,-0.45833+-4.63e+03 format=maidenhead maidenhead=IO91SX resolution_m=9260 symbol=/- "
     "status=IO91SX/- ^B7 beam_heading_deg=110 erp_w=490"},
    {"APZATA", "{Q1qwerty", "other user_id=Q user_type=1 user_data=qwerty"},
    {"APZATA", "{{zasdfg",
     "other BROKEN user_id={ user_type=z user_data=asdfg fault=experimental_unsupported"},
    {"APZATA", ",191146,V,3214.2466,N,11203.5181,W,417.238,114.5,091099,14.7,W/GPS FIX",
     "other BROKEN beacon=191146,V,3214.2466,N,11203.5181,W,417.238,114.5,091099,14.7,W/GPS FIX "
     "fault=invalid_or_test_data"},
    {"APRS", " TNC 1.9", "other BROKEN beacon= TNC 1.9 fault=not_aprs"},
    {"APRS", "}N0CALL-14>APRS,TCPIP,N0GATE*::N1CALL   :Hello{001",
     "text to=N1CALL gated_by=N0GATE third_party_source=N0CALL-14 third_party_destination=APRS text=Hello "
     "message_id=001"},
    {"APRS", "}N0CALL-14>S32UVT,TCPIP,N0GATE*:`(_fn\"Oj/",
     "position 33.42733,-112.12900+-9.26 251deg 20kn gated_by=N0GATE third_party_source=N0CALL-14 "
     "third_party_destination=S32UVT format=mic-e mic_e_bits=100 mic_e_message=returning "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
    {"APRS", "}N0CALL-14>APRS,TCPIP,N0GATE*:}A>B:>x",
     "other BROKEN gated_by=N0GATE third_party_source=N0CALL-14 third_party_destination=APRS "
     "fault=third_party_nested"},
    {"APZATA", ";SHORT    *092345z3213.50N", "object BROKEN fault=too_short fault_detail=object"},
    {"APZATA", ")AB!3213.50N/11201.75W-",
     "object BROKEN fault=item_invalid fault_detail=name of 3 to 9 characters, then ! or _"},
    {"APZATA", ")TEN CHARS!!3213.50N/11201.75W-",
     "object BROKEN item=TEN CHARS alive=yes fault=symbol_invalid"},
    {"APZATA", ";LEADER   _092345z3213.50N/11201.75W>",
     "object 32.22500,-112.02917+-9.26 time=-1/9 23:45:-1 object=LEADER alive=no format=uncompressed "
     "symbol=/> position_ambiguity=0 resolution_m=18.52"},
    {"APZATA", ")AID#2_3213.50N/11201.75WA",
     "object 32.22500,-112.02917+-9.26 item=AID#2 alive=no format=uncompressed symbol=/A "
     "position_ambiguity=0 resolution_m=18.52"},
    {"APZATA", ";LEADER   X092345z3213.50N/11201.75W>",
     "object BROKEN fault=object_invalid fault_detail=name or live mark"},
    {"APZATA", ":N0CALL  :short",
     "text BROKEN fault=message_invalid fault_detail=no addressee of nine characters between colons"},
    {"APZATA", ":N0 CALL/1:strange name", "text to=N0_CALL_1 text=strange name"},
    {"APZATA", ":N0CALL   :a {brace {42", "text to=N0CALL text=a {brace  message_id=42"},
    {"APZATA", ":N0CALL   :a {brace} 42 here", "text to=N0CALL text=a {brace} 42 here"},
    {"APZATA", ":N0CALL   :ack", "text to=N0CALL text=ack"},
    {"APZATA", ":N0CALL   :acknowledged", "text to=N0CALL text=acknowledged"},
    {"APZATA", ":N0CALL   :bell\007",
     "text BROKEN to=N0CALL fault=text_invalid fault_detail=control character text=bell\007"},
    {"APZATA", "?", "query BROKEN fault=query_invalid"},
    {"APZATA", "<", "other BROKEN fault=capabilities_invalid"},
    {"APZATA", ">", "status status="},
    {"APZATA", "{", "other BROKEN fault=too_short fault_detail=user-defined packet"},
    {"APZATA", "}", "other BROKEN fault=third_party_invalid"},
    {"APZATA", "}N1CALL>", "other BROKEN fault=third_party_invalid"},
    {"APZATA", "}N1CALL>APRS,TCPIP,N0GATE*:", "other BROKEN fault=third_party_invalid"},
    {"APZATA", "[ZZ99", "position BROKEN fault=position_invalid fault_detail=not a Maidenhead locator"},
    {"APZATA", "}N1CALL-AB>234UVT,TCPIP,N0GATE*:`(_fn\"Oj/",
     "position DISTRESS 23.76067,-112.12900+-9.26 251deg 20kn gated_by=N0GATE third_party_source=N1CALL-AB "
     "third_party_destination=234UVT format=mic-e mic_e_bits=000 mic_e_message=emergency "
     "position_ambiguity=0 resolution_m=18.52 gps_fix=yes symbol=/j"},
};

static void every_text_means_what_its_clause_says(void **state)
{
    (void)state;
    examples_check(examples, sizeof examples / sizeof *examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_text_means_what_its_clause_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
