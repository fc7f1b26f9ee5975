"""Patient movements: a hospital says who came in, moved, left or died; the patient's doctor is told the same day.

The second service that plugs into MiSS (ADR 10, 47).  A hospital's software posts HL7 v2 ADT messages or CSV to a door,
or drops them into a folder; the referring doctor gets a short letter by secure mail, and a word in MiSS that one has
come.  What names no doctor that the directory knows goes to a work list of the hospital, not into the void.

    model      what a movement is, in which state it is kept           pure
    reading/   HL7 v2 ADT and CSV into movements                        pure
    letters    the mail to the doctor                                   pure
    matching   which doctor is meant
    receiving  taken in once, told once; cancelled
    worklist   those that wait for somebody to name the doctor
    retention  destroyed after a month
    door, folder, web/   the ways in
"""
