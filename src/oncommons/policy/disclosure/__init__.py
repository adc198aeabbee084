"""What may leave a node, and in what form: counts, results of analyses, and sums that hospitals secure together.

============================= =======================================================================================
what                          modules, from the rules down to what they rest upon
============================= =======================================================================================
counts                        :mod:`.counts` has the rules; :mod:`.cells`, :mod:`.telling` and :mod:`.noise` tell of
                              people under ``noise``, :mod:`.private`, :mod:`.privacy` and :mod:`.geometric` under
                              ``private``; :mod:`.budget` says how much may be asked
results of analyses           :mod:`.output` has the rules, :mod:`.tracing` what stands beside questions
sums of several rounds        :mod:`.summing` has the rules, :mod:`.masking` the masks that cancel
people behind a number        :mod:`.crowd`
============================= =======================================================================================
"""
