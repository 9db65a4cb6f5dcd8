"""The datasets, one file each."""

from datasets.schema.document import DOCUMENT
from datasets.schema.dossier import DOSSIER
from datasets.schema.observation import OBSERVATION
from datasets.schema.petition import PETITION

DATASETS = (DOSSIER, DOCUMENT, PETITION, OBSERVATION)
BY_NAME = {dataset.name: dataset for dataset in DATASETS}
