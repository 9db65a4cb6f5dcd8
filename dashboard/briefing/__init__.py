"""The weekly briefing: one report model, four writers, issued once and kept.

compose.compose ── queries ──> model.Report ── writers.WRITERS ──> docx, pdf, pptx, xlsx
                                    └── archive (issued: the model as JSON) ── outbox ── mail
"""
