select definition_id as "definition_id: uuid::Uuid", name, body, version
from definitions where tenant_id = $1 and kind = $2 order by name
